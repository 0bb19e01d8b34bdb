"""Model families: what a trial is made of."""
