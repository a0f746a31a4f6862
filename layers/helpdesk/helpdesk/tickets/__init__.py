"""Operations on tickets: one module per operation or part of a ticket."""
