"""The methods of the Bot API that a bot may call on the fake, by lower-case name: (world, params, files) -> result."""

import json

from tests.fakes.botapi.world import Refused

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"


def send_message(world, params, _):
    chat = world.person_for(params["chat_id"])
    text, entities = world.styled(params, "text", 4096)
    world.limit(chat)
    message = world.add(
        chat=chat, ours=True, text=text, html=str(params["text"]), entities=entities, rows=world.keyboard(params)
    )
    return world.shown(message)


def send_file(kind):
    def send(world, params, files):
        chat = world.person_for(params["chat_id"])
        text, entities = world.styled(params, "caption", 1024, least=0)
        if kind in files:
            name, content = files[kind]
            file_id = f"file-{next(world.other_ids)}"
            world.uploads[file_id] = (name, content)
        else:
            file_id = str(params[kind])
            if file_id not in world.uploads:
                raise Refused(400, "Bad Request: wrong file identifier/HTTP URL specified")
            name, content = world.uploads[file_id]
        if kind == "photo" and content[:4] not in (b"\x89PNG", b"\xff\xd8\xff\xe0"):
            raise Refused(400, "Bad Request: IMAGE_PROCESS_FAILED")
        world.limit(chat)
        message = world.add(
            chat=chat, ours=True, text=text, entities=entities, rows=world.keyboard(params), kind=kind, name=name,
            content=content, file_id=file_id,
        )  # fmt: skip
        return world.shown(message)

    return send


def _own(world, params):
    chat = world.person_for(params["chat_id"])
    message = world.messages.get((chat, int(params["message_id"])))
    if message is None:
        raise Refused(400, "Bad Request: message to edit not found")
    if not message.ours:
        raise Refused(400, "Bad Request: message can't be edited")
    return message


def edit_text(world, params, _):
    message = _own(world, params)
    if message.kind != "text":
        raise Refused(400, "Bad Request: there is no text in the message to edit")
    text, entities = world.styled(params, "text", 4096)
    rows = world.keyboard(params)
    if (text, entities, rows) == (message.text, message.entities, message.rows):
        raise Refused(400, NOT_MODIFIED)
    message.text, message.html, message.entities, message.rows = text, str(params["text"]), entities, rows
    message.edits += 1
    world.changed()
    return world.shown(message)


def edit_markup(world, params, _):
    message = _own(world, params)
    rows = world.keyboard(params)
    if rows == message.rows:
        raise Refused(400, NOT_MODIFIED)
    message.rows = rows
    message.edits += 1
    world.changed()
    return world.shown(message)


def answer_callback(world, params, _):
    asked = world.callbacks.pop(str(params["callback_query_id"]), None)
    if asked is None or world.now() - asked > world.callback_seconds:
        raise Refused(400, TOO_OLD)
    if len(str(params.get("text", ""))) > 200:
        raise Refused(400, "Bad Request: MESSAGE_TOO_LONG")
    return True


def delete_message(world, params, _):
    chat = world.person_for(params["chat_id"])
    if world.messages.pop((chat, int(params["message_id"])), None) is None:
        raise Refused(400, "Bad Request: message to delete not found")
    return True


def set_webhook(world, params, _):
    url = str(params.get("url", ""))
    world.webhook = (url, str(params.get("secret_token", ""))) if url else None
    world.poll += 1
    _allow(world, params)
    world.changed()
    return True


def delete_webhook(world, params, _):
    world.webhook = None
    if str(params.get("drop_pending_updates", "")).lower() == "true":
        world.waiting.clear()
    return True


def webhook_info(world, _, __):
    return {"url": world.webhook[0] if world.webhook else "", "pending_update_count": len(world.fresh())}


def get_file(world, params, _):
    file_id = str(params["file_id"])
    if file_id not in world.files:
        raise Refused(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    content = world.files[file_id]
    if len(content) > 20 * 1024 * 1024:
        raise Refused(400, "Bad Request: file is too big")
    return {
        "file_id": file_id,
        "file_unique_id": file_id,
        "file_size": len(content),
        "file_path": f"documents/{file_id}",
    }


def _allow(world, params):
    if "allowed_updates" in params:
        kinds = params["allowed_updates"]
        kinds = json.loads(kinds) if isinstance(kinds, str) else kinds
        world.allowed = kinds or None


METHODS = {
    "getme": lambda world, _, __: world.me(),
    "sendmessage": send_message,
    "sendphoto": send_file("photo"),
    "senddocument": send_file("document"),
    "editmessagetext": edit_text,
    "editmessagereplymarkup": edit_markup,
    "answercallbackquery": answer_callback,
    "deletemessage": delete_message,
    "setwebhook": set_webhook,
    "deletewebhook": delete_webhook,
    "getwebhookinfo": webhook_info,
    "getfile": get_file,
    "setmycommands": lambda *_: True,
    "sendchataction": lambda *_: True,
}
