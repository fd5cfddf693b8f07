//! Formats of others: bills, answers of Prometheus.
