from tests.engine import *
from handlers.registry import COMMANDS
from handlers.words import words
import pytest
ARGS=["","1","0","99999999999999999999999999","²","张三","李四","住建局","yes","1 yes","-1","张三 2026-11-01 - 理由","99999999999999999999 2026-11-01 - 理由","#5 2026-11-23 - 病","yes 5 2026-11-23 - 病","x"*3000,"daily","daily yes","张三 leader","99999999999 leader yes","单位99999999999999999999", "1 单位99999999999999999999","{title}","1 住建局", "all", "通知 {x}","p.99999999999999999999"]
def test_probe(sqlite):
    e=Engine(sqlite).with_bank(*QUESTIONS)
    e.person("张三","住建局"); e.person("李四","住建局", channel="web")
    e.person("官员","司法局",role="admin"); 
    e.write(lambda s: accounts.bind(s,e.people["官员"],"web","web-官员",e.now))
    e.with_plan(DAILY).at("09:00")
    bad=[]
    for ch in ("telegram","web"):
        for c in [c for c in COMMANDS if c.key!="unbind"]:
            for a in ARGS:
                w=words("zh")[f"commands.{c.key}"].split("|")[0]
                try:
                    r=e.says("官员",f"{w} {a}".strip(),channel=ch)
                except BaseException as x:
                    bad.append((ch,c.key,a[:30],repr(x)[:150])); continue
                t="\n".join(x.text for x in r)
                if "出错了" in t:
                    bad.append((ch,c.key,a[:30]))
    for b in bad: print(b)
