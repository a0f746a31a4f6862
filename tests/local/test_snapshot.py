"""Putting AWS back, whatever a test before has done to moto."""

import pytest
from moto import mock_aws

from local.cloud import LocalCloud
from local.snapshot import Snapshot


def test_a_desk_outlives_a_reset_of_moto(
    sample: LocalCloud, started: tuple[LocalCloud, Snapshot]
) -> None:
    with mock_aws():
        # Whatever is made from here on knows nothing of the desk.
        pass
    client = sample.clients.sesv2
    with pytest.raises(client.exceptions.MessageRejected):
        _mail(sample)
    sample.reset(started[1].restore)
    assert _mail(sample)


def _mail(sample: LocalCloud) -> str:
    sent = sample.clients.sesv2.send_email(
        FromEmailAddress="Desk <desk@sample.example>",
        Destination={"ToAddresses": ["ann@customer.example"]},
        Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
    )
    return str(sent["MessageId"])
