"""Files on their way in (`staging`, `uploads`, `limits`), out (`downloads`), and away (`sweep`)."""
