"""What the first version of the contract lacks, and only sending knows."""
