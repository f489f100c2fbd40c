"""What the API takes and answers, as an OpenAPI document: `document.py` puts it together."""
