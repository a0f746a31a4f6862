"""Secrets Manager: the value that AWS has drawn for the first admin key."""

from helpdesk.storage import aws


def secret(name: str) -> str:
    """The value of a secret, by its name or ARN. Errors: Throttled, Unavailable."""
    with aws.translated():
        return aws.secretsmanager().get_secret_value(SecretId=name)["SecretString"]
