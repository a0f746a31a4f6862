"""CloudFormation: the template as deployed, and its resources."""
