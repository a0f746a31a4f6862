"""Secrets Manager: reads the first admin key, which AWS generated."""

from helpdesk.storage import aws


def secret(name: str) -> str:
    """The value of a secret, by its name or ARN."""
    with aws.translated():
        return aws.secretsmanager().get_secret_value(SecretId=name)["SecretString"]
