"""What backends of clips and of pictures share that ask a vendor and pay."""
