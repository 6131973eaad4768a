"""What a deployment may say: models, the YAML loader that tells every problem at once."""
