"""One question to a language model, one typed answer: asked, paid for and kept. Knows no films and no storyboards."""
