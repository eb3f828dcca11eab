"""Everyday things and doings under all their names, English and Chinese: what a question and a moment share. Pure.

The embedding finds the neighbourhood; a shared concept tells a mug that was asked for from a passport that lies
close by. A word that is in no row is compared as itself.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

# One row a concept; the first name is the concept's. Chinese names are found inside running text, longest first.
_ROWS = """
cup mug teacup 杯子 杯 马克杯 水杯 茶杯 咖啡杯
person someone somebody anyone anybody people visitor guest customer stranger human pedestrian 人 有人 客人 访客 行人
child kid boy girl toddler baby 孩子 小孩 男孩 女孩 宝宝
dog puppy hound 狗 小狗
cat kitten kitty 猫 小猫 猫咪
bird pigeon sparrow 鸟 鸽子
bicycle bike cycle 自行车 单车
car automobile taxi 汽车 车子 车 出租车
truck lorry van 卡车 货车
bus 公交车 公共汽车 巴士
train railway 火车 高铁
travel trip journey 旅行
flight fly flying plane 飞 飞机 航班 机票
laptop notebook computer 笔记本电脑 电脑 计算机
phone telephone mobile smartphone 电话 手机
phone-call call ring dial 打电话 致电
tablet ipad 平板
keyboard 键盘
mouse 鼠标
monitor screen display 屏幕 显示器 显示屏
printer print printing 打印机 打印
cable wire cord charger 电线 数据线 充电器
wifi wireless wlan internet router 无线 无线网 网络 路由器 上网
password code pin passcode combination 密码 口令
key keys 钥匙
door doorway gate entrance 门 大门 门口
window 窗户 窗
lock locked 锁 锁上
light lamp lights dark darkness 灯 黑 暗 光
table desk 桌子 书桌 桌
chair seat stool 椅子 凳子
sofa couch settee 沙发
bed mattress 床
drawer cupboard cabinet wardrobe 抽屉 柜子 衣柜
shelf bookshelf rack 架子 书架
box parcel package carton delivery courier 箱子 盒子 包裹 快递 纸箱
bag backpack handbag rucksack suitcase 包 背包 手提包 行李箱
wallet purse 钱包
passport 护照
document paper papers file 文件 纸
identity 身份证
money cash cost price pay payment paid rent 钱 价格 付款 费用 付 房租 租金 多少钱
flat apartment rent house home 公寓 房租 房子 家
card credit 卡 信用卡
shop store market supermarket 商店 店 超市
open opened opening 打开 开门 营业
closed close closing shut 关门 关闭 打烊
letter mail post envelope 信 邮件 信封
book novel 书 小说
pen pencil 笔 铅笔
glasses spectacles 眼镜
watch clock 手表 钟
umbrella 雨伞 伞
coat jacket hoodie sweater 外套 夹克 大衣 毛衣
wear wearing 穿
shirt 衬衫
trousers 裤子
dress 裙子
shoe shoes boots sneakers 鞋 鞋子 靴子
hat cap 帽子
bottle flask thermos 瓶子 瓶 水瓶 保温瓶
glass 玻璃杯 玻璃
plate dish bowl 盘子 碗 碟子
knife 刀
fork 叉子
spoon 勺子
pot pan kettle saucepan 锅 水壶 壶 平底锅
limescale descale scale 水垢
oven stove cooker baking bake toaster 烤箱 炉子 烤 烤面包机
eat ate eaten meal lunch dinner breakfast supper snack 吃 饭 午饭 晚饭 早餐 午餐 晚餐
milk 牛奶
egg eggs 鸡蛋
bread 面包
butter 黄油
cheese 奶酪
fruit apple banana orange 水果 苹果 香蕉
vegetable 蔬菜
allergic allergy intolerant ill 过敏 忌口
shellfish shrimp fish seafood 海鲜 虾 鱼
nut nuts peanut peanuts 坚果 花生
pizza 披萨
coffee espresso 咖啡
tea 茶
water 水
wine beer alcohol 酒 啤酒
medicine pill tablet pills drug 药 药片
doctor dentist prescription prescribe hospital clinic 医生 牙医 医院
pain hurt hurts ache headache sore complain 疼 痛 头痛
knee 膝盖
head 头
leg 腿
arm 胳膊
shoulder 肩膀
weight weigh weighed heavy kilo kilos kg 体重 公斤 重量
push-up push-ups 俯卧撑
sit-up sit-ups 仰卧起坐
squat squats 深蹲
run running jog 跑步
music song 音乐 歌
radio 收音机
piano 钢琴
guitar 吉他
violin 小提琴
cello 大提琴
drum drums 鼓
lesson class course teacher 课 课程 老师 上课
school university 学校 大学
meeting appointment conference 会议 开会 预约
work job office 办公室 上班
birthday turns 生日
brother 哥哥 弟弟
sister 姐姐 妹妹
mother mum mom 妈妈 母亲
father dad 爸爸 父亲
son 儿子
daughter 女儿
neighbour neighbor next-door 邻居 隔壁
plumber pipe pipes tap leak 水管工 水管 水龙头 漏水
laundry washing-machine washing 洗衣机 洗衣
vacuum cleaner clean cleaning 打扫 吸尘器 清洁
garbage rubbish trash bin 垃圾 垃圾桶
garage 车库
garden terrace balcony 花园 阳台 露台
plant flower flowers 植物 花
rain rainy storm weather sunny snow 雨 下雨 天气 雪
fire smoke burn burned burnt 火 烟 烧 着火
error exception bug crash fault broken wrong problem jam 错误 异常 故障 崩溃 坏 问题 卡纸
percent percentage 百分比 百分之
result calculation calculate worked computed 结果 计算 算出来 算
timer 闹钟 定时器 计时器
alarm siren 警报 火警
sign poster notice label 牌子 标志 海报 告示
name called 名字 叫
room 房间
kitchen 厨房
bathroom toilet shower 浴室 厕所 卫生间
toy ball doll 玩具 球
hammer 锤子
screwdriver 螺丝刀
screw 螺丝
drill 电钻
hardware tool tools 工具 五金
camera 相机 照相机 摄像头
remote 遥控器
headphones earphones headset 耳机
television tv 电视 电视机
blanket pillow towel 毯子 枕头 毛巾
scissors 剪刀
tape 胶带
painting picture photo 画 照片 图片
game 游戏
chess 象棋
television-show movie film 电影 节目
"""

# The name of a whole kind and what belongs to it: asked for "an instrument", a guitar is one; asked for a violin, not.
_KINDS = """
animal pet 动物 宠物 : dog cat bird
food groceries 食物 食品 吃的 : eat milk egg bread butter cheese fruit vegetable shellfish nut pizza
instrument 乐器 : piano guitar violin cello drum
family sibling relative 家人 家里 姐妹 兄弟 : brother sister mother father son daughter
body 身体 : knee head leg arm shoulder pain
exercise workout sport 锻炼 运动 : push-up sit-up squat run
clothes clothing outfit 衣服 : wear shirt trousers dress coat hat shoe
cutlery 餐具 : knife fork spoon plate
fastener 紧固件 : screw
vehicle 车辆 : car truck bus bicycle train
identity-paper 证件 旅行证件 travel-document : passport identity document
trip-plan 出行 去 : flight train bus travel
child 孩子 小孩 : son daughter
"""

# Words that shape a question or a sentence and say nothing about its subject.
_EMPTY = frozenset(
    re.findall(
        r"[a-z]+",
        """a an the of to in on at by for from with about as is am are was were be been being do does did done have
        has had i me my mine you your yours we our us he she it its they them this that these those there here what
        when where who whom which why how and or but if so then than not no yes any some much many more most just now
        again ever long ago time times last first today yesterday morning afternoon evening night hour minute second
        day week month year please tell told say said ask asked answer remember know did see saw seen look show put
        place placed leave left lay laid keep kept find found get got go went gone came come make made take took let
        will would shall should can could may might must thing things something anything everything happen happened
        s t d re ll ve m up down out off over under into away o clock one""",
    )
)
_WORD = re.compile(r"[a-z0-9]+(?:-[a-z]+)*")
_NAMES = 40  # words looked for at once: more says nothing
_CJK_RUN = re.compile(r"[\u3400-\u9fff]+")
_ZH_EMPTY = frozenset(
    "的了吗呢吧啊在是我你他她它们这那哪里儿什么时候几点多少怎样有没谁把被和跟从到就都也还很最再放说过"
    "刚才讲问告诉以前之后"
)


def _tables() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Name → its concepts; concept → the kinds that it belongs to."""
    names: dict[str, set[str]] = {}
    kinds: dict[str, set[str]] = {}
    for row in _ROWS.strip().splitlines():
        concept, *_ = words = row.split()
        for word in words:
            names.setdefault(word, set()).add(concept)
    for row in _KINDS.strip().splitlines():
        kind, *_ = words = row.partition(":")[0].split()
        for word in words:
            names.setdefault(word, set()).add(kind)
        for member in row.partition(":")[2].split():
            kinds.setdefault(member, set()).add(kind)
    return _frozen(names), _frozen(kinds)


def _frozen(table: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(values) for name, values in table.items()}


_TABLE, _KINDS_OF = _tables()
_CHINESE = sorted((name for name in _TABLE if _CJK_RUN.match(name)), key=len, reverse=True)
_ZH_PATTERN = re.compile("|".join(map(re.escape, _CHINESE)))
_KNOWN = frozenset[str]().union(*_TABLE.values())


def shared(question: frozenset[str], moment: frozenset[str]) -> frozenset[str]:
    """What a question asks for and a moment has: the same, one of the kind asked for, or the kind without more."""
    return (question & (moment | _kinds(moment))) | (_kinds(question) & moment)


def names(concepts: frozenset[str]) -> list[str]:
    """All the words for these concepts, English first: what to look for in texts. Bounded; unknown ones as they are."""
    wanted = concepts | {member for member, kinds in _KINDS_OF.items() if kinds & concepts}
    found = [name for name, own in _TABLE.items() if own & wanted]
    return sorted(found or concepts, key=_is_chinese)[:_NAMES]


def _kinds(concepts: frozenset[str]) -> frozenset[str]:
    return frozenset[str]().union(*(_KINDS_OF.get(concept, frozenset()) for concept in concepts))


def _is_chinese(name: str) -> bool:
    return bool(_CJK_RUN.match(name))


def known(concept: str) -> bool:
    """Whether it is a row of the table, not just a word."""
    return concept in _KNOWN


@lru_cache(maxsize=4096)
def concepts(text: str) -> frozenset[str]:
    """What a sentence is about: names of concepts, and its other content words as themselves."""
    found: set[str] = set()
    lowered = re.sub(r"\b(washing|push|sit|travel|next) (machine|up|ups|document|door)\b", r"\1-\2", text.lower())
    for word in _WORD.findall(lowered):
        if word not in _EMPTY:
            found |= _of_word(word)
    for run in _CJK_RUN.findall(lowered):
        for name in _ZH_PATTERN.findall(run):
            found |= _TABLE[name]
        rest = _ZH_PATTERN.sub(" ", run)
        found |= {pair for part in rest.split() for pair in _pairs(part)}
    return frozenset(found)


def _of_word(word: str) -> frozenset[str]:
    for form in (word, _singular(word)):
        if form in _TABLE:
            return _TABLE[form]
    return frozenset({_singular(word)})


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ses", "xes", "shes", "ches")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _pairs(part: str) -> list[str]:
    """Overlapping pairs of characters: words of a language that does not separate them."""
    kept = [c for c in part if c not in _ZH_EMPTY]
    return [a + b for a, b in pairwise(kept)]
