"""How the embedded backend draws: words to a scene, a scene to a picture. No weights, no network, no files."""
