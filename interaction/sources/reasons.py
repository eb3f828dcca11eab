"""Why an address gives no pictures, in words for a person that follow its name."""

from __future__ import annotations

from interaction.both import Both

REASONS = {  # by HTTP status
    401: Both("refused the user name and password, or wants them", "不接受用户名和密码，或需要提供"),
    403: Both("does not allow access", "不允许访问"),
    404: Both("was not found on the server", "在服务器上找不到"),
    410: Both("is no longer there", "已经不在了"),
}
LOGIN = (401, 403)  # what a person has to set right; trying again does not
LATE = Both("did not answer in time", "没有及时回应")
TOO_OFTEN = Both("redirects too often", "重定向次数太多")
ASTRAY = Both("redirects to something that is not allowed", "重定向到了不允许的地方")
NOT_THERE = Both("leads to something that is not allowed there", "指向那里不允许的内容")


def of(shown: str, reason: Both) -> Both:
    """A sentence about an address as it may be shown."""
    return Both(f"{shown} {reason}.", f"{shown} {reason.zh}。")
