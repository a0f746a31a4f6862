"""CloudFormation: the template as it would be deployed, and its resources."""
