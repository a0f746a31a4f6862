"""What Lambda is called by beside API Gateway: streams, queues, topics, schedules."""
