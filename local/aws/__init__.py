"""AWS itself: moto behind an endpoint that counts calls and injects faults."""
