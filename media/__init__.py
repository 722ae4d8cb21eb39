"""Pictures and video as data. Knows nothing of storyboards or money."""
