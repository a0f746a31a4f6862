"""Lambda's event sources besides API Gateway: streams, queues, topics, schedules."""
