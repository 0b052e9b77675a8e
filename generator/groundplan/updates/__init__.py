"""Updates: what the template has become since, merged by git into what the service has become."""
