"""The directory as an app may read it: only what lies in its visible range (documents 90208, 95350, 90200, 90201, 90196, 96067)."""

from tests.fakes.wecom.world import Refused


def _number(call, name, usual=None):
    value = call.query.get(name, usual)
    if value is None:
        raise Refused(40058, f"{name} missing")
    if not str(value).isdigit():
        raise Refused(40058, f"{name} is no number")
    return int(value)


def _visible(world, number):
    if number not in world.departments:
        raise Refused(60123, "invalid party id")
    if not world.departments[number].visible:
        raise Refused(60011, "no privilege to access this party")
    return world.departments[number]


def _some(world, call):
    """The visible departments at and below the one asked for; all of them where none is."""
    within = world.below(_visible(world, _number(call, "id")).id) if call.query.get("id") else set(world.departments)
    return [each for each in world.departments.values() if each.id in within and each.visible]


def department_ids(world, call):
    rows = [{"id": each.id, "parentid": each.parent, "order": _order(each)} for each in _some(world, call)]
    return {"department_id": rows}


def departments(world, call):
    return {"department": [_department(each) for each in _some(world, call)]}


def department(world, call):
    return {"department": _department(_visible(world, _number(call, "id")))}


def _order(department):
    return 100_000_000 - department.id


def _department(each):
    return {
        "id": each.id, "name": each.name, "name_en": "", "department_leader": [], "parentid": each.parent,
        "order": _order(each),
    }  # fmt: skip


def members(world, call):
    """Direct members only, whatever fetch_child says."""
    found = world.members(_visible(world, _number(call, "department_id")).id)
    return {"userlist": [_member(world, world.users[key]) for key in found]}


def members_in_full(world, call):
    found = world.members(_visible(world, _number(call, "department_id")).id)
    return {"userlist": [_member_in_full(world, world.users[key]) for key in found]}


def member(world, call):
    user = world.users.get(call.query.get("userid", "").lower())
    if user is None:
        raise Refused(60111, "userid not found")
    if not user.visible:
        raise Refused(60011, "no privilege to access this user")
    return _member_in_full(world, user)


def _member(world, user):
    return {
        "userid": user.userid, "name": user.name, "department": user.departments,
        "open_userid": world.open_userid(user.userid),
    }  # fmt: skip


def _member_in_full(world, user):
    return {
        **_member(world, user), "order": [0] * len(user.departments), "position": user.position,
        "is_leader_in_dept": [int(user.leader)] * len(user.departments), "direct_leader": [], "telephone": "", "alias": "",
        "status": user.status, "enable": int(user.status == 1), "isleader": int(user.leader), "extattr": {"attrs": []},
        "hide_mobile": 0, "main_department": user.departments[0] if user.departments else 1,
    }  # fmt: skip


def not_for_apps(world, call):
    raise Refused(48002, "api forbidden: only with the contact secret")


def tags(world, call):
    return {"taglist": [{"tagid": number, "tagname": kept["name"]} for number, kept in world.tags.items()]}


def tag(world, call):
    kept = world.tags.get(_number(call, "tagid"))
    if kept is None:
        raise Refused(40068, "invalid tagid")
    seen = [world.users[key.lower()] for key in kept["users"] if key.lower() in world.users]
    users = [{"userid": user.userid, "name": user.name} for user in seen if user.visible]
    return {"tagname": kept["name"], "userlist": users, "partylist": kept["parties"]}


def plain_ids(world, call):
    wanted = call.body.get("open_userid_list")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 1000:
        raise Refused(40058, "open_userid_list: 1 to 1000")
    known = {world.open_userid(user.userid): user.userid for user in world.users.values()}
    found = [{"open_userid": each, "userid": known[each]} for each in wanted if each in known]
    return {"userid_list": found, "invalid_open_userid_list": [each for each in wanted if each not in known]}
