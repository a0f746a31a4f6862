"""Files: received (`staging`, `uploads`, `limits`), handed out (`downloads`), removed (`sweep`)."""
