"""The API's contract, held against the service through HTTP's eyes."""
