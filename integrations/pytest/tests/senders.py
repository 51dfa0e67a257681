"""Two webhook senders: one as it should be, one with the classic bug."""

import requests


def deliver(url, event, tries=4, check_status=True):
    """Tries until it is delivered; without check_status any answer is taken for one."""
    for _ in range(tries):
        try:
            response = requests.post(url, json={"event": event}, headers={"Webhook-Id": event}, timeout=5)
            if check_status:
                response.raise_for_status()
            return True
        except requests.RequestException:
            pass
    return False
