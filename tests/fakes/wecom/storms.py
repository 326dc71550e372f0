"""Many members at once, at a steady rate however slow the answers are, and how long those took."""

import asyncio
import time


async def storm(sim, rate, seconds, text="", people=0):
    """Each member in turn writes `text`, or presses the first button of their latest card where it is empty. Figures in seconds."""
    names = [user.userid for user in sim.users.values()][: people or None]
    began, running, late = time.monotonic(), [], 0.0
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        late = max(late, time.monotonic() - due)
        running.append(asyncio.create_task(_act(sim, names[number % len(names)], text)))
    found = await asyncio.gather(*running)
    took = sorted(each.seconds for each in found)
    return {
        "offered": len(found), "accepted": sum(each.accepted for each in found), "tries": sum(each.tries for each in found),
        "p50": took[len(took) // 2], "p99": took[int(len(took) * 0.99)], "worst": took[-1], "late": late,
        "seconds": time.monotonic() - began,
    }  # fmt: skip


async def _act(sim, userid, text):
    if text:
        return await sim.says(userid, text)
    card = next(each for each in reversed(sim.inbox(userid)) if each.msgtype == "template_card" and not each.greyed)
    picked = [each for each, _ in card.options[:1]]
    return await sim.clicks(userid, card, card.buttons[0][1], picked)
