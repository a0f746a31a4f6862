"""What the desk does with tickets: one module per operation or part of a ticket."""
