"""What scripts/bench is made of: processes, proxies, measurements, report. Standard library only."""
