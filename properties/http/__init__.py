"""The only room that speaks HTTP: sends requests that are data, and gives answers as data."""
