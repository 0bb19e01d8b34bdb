"""Pictures as plain data: figures of a study, of a comparison and of several runs, and the reports made of them."""
