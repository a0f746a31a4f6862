from tests.gateway import Cloud, allowed, cloud, verdict
from tests.world import HOME, function, items, written

__all__ = ["HOME", "Cloud", "allowed", "cloud", "function", "items", "verdict", "written"]
