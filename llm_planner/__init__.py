"""Planning with a language model: bible, windows of segments, a critic, and the storyboard made of their answers."""
