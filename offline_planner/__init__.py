"""The rules that plan a film without a model: text -> beats -> who, where, when -> segments. No key, no chance, no network."""
