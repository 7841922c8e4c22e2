"""What agents think and say: the stream of thoughts, its seeds, and sentences from the records alone."""
