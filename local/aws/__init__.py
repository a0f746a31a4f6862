"""AWS itself: moto behind an endpoint that counts calls and lets them fail on purpose."""
