"""What the doors, the routes and the channel say to a person, in English and Chinese."""

from __future__ import annotations

from dataclasses import dataclass

from interaction.both import Both


@dataclass(frozen=True, slots=True)
class Notice:
    """A message in two languages; each is (what happened, what was kept, what to do). `{names}` are filled in."""

    en: tuple[str, str, str]
    zh: tuple[str, str, str]

    def said(self, language: str, **values: object) -> dict[str, str]:
        """`message`, `kept`, `advice` in "en" or "zh"."""
        texts = self.zh if language.startswith("zh") else self.en
        message, kept, advice = (text.format(**values) for text in texts)
        return {"message": message, "kept": kept, "advice": advice}

    def both(self, **values: object) -> dict[str, Both]:
        """The same in both languages, for what is kept."""
        en, zh = self.said("en", **values), self.said("zh", **values)
        return {name: Both(en[name], zh[name]) for name in en}


WRONG_HOST = Notice(
    (
        "This address is not one of Lookout's names.",
        "Lookout goes on running.",
        "Open it as http://127.0.0.1, or add the name to LOOKOUT_WEB__HOSTS.",
    ),
    (
        "这个地址不是 Lookout 的名字。",
        "Lookout 仍在运行。",
        "请用 http://127.0.0.1 打开，或把这个名字加入 LOOKOUT_WEB__HOSTS。",
    ),
)
WRONG_ORIGIN = Notice(
    (
        "The request did not come from Lookout's own page.",
        "Nothing was changed.",
        "Use Lookout's page. A program sends its Origin; other pages are named in LOOKOUT_WEB__ORIGINS.",
    ),
    (
        "这个请求不是来自 Lookout 自己的页面。",
        "什么都没有改变。",
        "请使用 Lookout 的页面；程序须带上 Origin 头；其他来源可写入 LOOKOUT_WEB__ORIGINS。",
    ),
)
LOCKED = Notice(
    (
        "This Lookout is locked.",
        "Nothing was shown or changed.",
        "Open the address that was printed when it started; it ends in ?token=…",
    ),
    ("这个 Lookout 已上锁。", "没有显示或改变任何内容。", "请打开启动时打印的地址（以 ?token=… 结尾）。"),
)
WRONG_TOKEN = Notice(
    ("That token is not the right one.", "Nothing was shown or changed.", "Copy the whole address that was printed."),
    ("令牌不正确。", "没有显示或改变任何内容。", "请完整复制启动时打印的地址。"),
)
TOO_LARGE = Notice(
    ("The request is larger than {limit} bytes.", "Nothing was changed.", "Send less at once."),
    ("请求超过 {limit} 字节。", "什么都没有改变。", "请一次少发一些。"),
)
NO_SESSION = Notice(
    ("There is no session for this page.", "Memory and watches are kept.", "Reload the page."),
    ("此页面没有会话。", "记忆和关注事项都保留着。", "请重新加载页面。"),
)
NOT_FOUND = Notice(
    ("There is nothing at this address.", "Everything else goes on.", "It may have been forgotten or is too old."),
    ("这个地址没有内容。", "其他一切照常。", "它可能已被遗忘，或时间太久。"),
)
BAD_REQUEST = Notice(
    ("The request was not understood: {detail}.", "Nothing was changed.", "See docs/protocol.md for what is possible."),
    ("无法理解这个请求：{detail}。", "什么都没有改变。", "可用的请求见 docs/protocol.md。"),
)
FAULT = Notice(
    ("Lookout made a mistake while answering.", "Watching goes on.", "Try again; the log has the details."),
    ("Lookout 处理时出错了。", "观看仍在继续。", "请再试一次；详情见日志。"),
)
NO_MEDIA = Notice(
    ("Camera and microphone could not be connected: {detail}.", "Typing and captions work.", "Press Start again."),
    ("无法连接摄像头和麦克风：{detail}。", "仍可打字和看字幕。", "请再按一次开始。"),
)
NOT_STARTED = Notice(
    ("The session could not be started.", "Memory and watches are kept.", "Try again; the log has the details."),
    ("会话无法启动。", "记忆和关注事项都保留着。", "请再试一次；详情见日志。"),
)
NO_MEMORY = Notice(
    (
        "Long-term memory is not there.",
        "Watching and conversation go on.",
        "See `python app.py doctor` for the reason.",
    ),
    ("长期记忆不可用。", "观看和对话照常。", "原因见 `python app.py doctor`。"),
)
SLOW_MEMORY = Notice(
    (
        "Long-term memory is slow just now.",
        "Watching and conversation go on, nothing is lost.",
        "Try again in a moment.",
    ),
    ("长期记忆现在有点慢。", "观看和对话照常，没有丢失任何东西。", "请稍后再试。"),
)
FULL = Notice(
    (
        "All places are taken; yours is number {place} in the queue.",
        "Your place is kept while the page is open.",
        "Wait: it goes on by itself when somebody leaves.",
    ),
    ("位置已满，您排在第 {place} 位。", "页面开着，您的位置就一直保留。", "请稍候：有人离开后会自动继续。"),
)
NO_QUEUE = Notice(
    ("All places are taken, and many are waiting.", "Nothing was lost.", "Come back in a few minutes."),
    ("位置已满，排队的人也很多。", "没有丢失任何东西。", "请过几分钟再来。"),
)
TOO_FAST = Notice(
    ("That was too much at once.", "Watching goes on.", "Wait a second and try again."),
    ("一下子太多了。", "观看仍在继续。", "请稍等一秒再试。"),
)
TOO_LONG = Notice(
    ("The message is longer than {limit} characters.", "Nothing was changed.", "Say it in fewer words."),
    ("内容超过 {limit} 个字符。", "什么都没有改变。", "请说短一些。"),
)
NOT_DONE = Notice(
    ("That did not work.", "Watching goes on.", "Try again; the log has the details."),
    ("没有成功。", "观看仍在继续。", "请再试一次；详情见日志。"),
)
SOURCE_NAME = Notice(
    ("There is already a source called {name}.", "It goes on as it is.", "Choose another name."),
    ("已有名为 {name} 的来源。", "它保持不变。", "请换一个名字。"),
)
LARGE_PICTURES = Notice(
    (
        "The camera sends pictures larger than {side} pixels.",
        "Sound, typing and other sources go on.",
        "Choose a smaller resolution.",
    ),
    ("摄像头的画面超过 {side} 像素。", "声音、打字和其他来源照常。", "请选择较小的分辨率。"),
)
LARGE_SCREEN = Notice(
    (
        "The shared screen has more than {side} pixels on a side.",
        "Everything else goes on.",
        "Share a window, or a smaller screen.",
    ),
    ("共享的屏幕有一边超过 {side} 像素。", "其他一切照常。", "请共享一个窗口，或较小的屏幕。"),
)

# What the browser says about camera and microphone: (what, state).
MEDIA: dict[tuple[str, str], Notice] = {
    ("camera", "refused"): Notice(
        (
            "The browser did not allow the camera.",
            "Listening, typing, timers and other sources go on.",
            "Allow the camera at the left of the address bar, then press Start again.",
        ),
        (
            "浏览器没有允许使用摄像头。",
            "聆听、打字、计时和其他来源照常。",
            "请在地址栏左侧允许摄像头，然后再按开始。",
        ),
    ),
    ("camera", "none"): Notice(
        (
            "No camera was found.",
            "Listening, typing, timers and other sources go on.",
            "Plug in a camera and press Start again, or add a network source.",
        ),
        ("没有找到摄像头。", "聆听、打字、计时和其他来源照常。", "请接上摄像头后再按开始，或添加网络来源。"),
    ),
    ("camera", "lost"): Notice(
        (
            "The camera stopped sending pictures.",
            "Watches, listening and other sources go on.",
            "Check the camera's cable, or whether another program took it.",
        ),
        ("摄像头停止了传送画面。", "关注事项、聆听和其他来源照常。", "请检查摄像头连线，或是否被其他程序占用。"),
    ),
    ("microphone", "refused"): Notice(
        (
            "The browser did not allow the microphone.",
            "Watching goes on, and you can type.",
            "Allow the microphone at the left of the address bar, then press Start again.",
        ),
        ("浏览器没有允许使用麦克风。", "观看照常，您可以打字。", "请在地址栏左侧允许麦克风，然后再按开始。"),
    ),
    ("microphone", "none"): Notice(
        ("No microphone was found.", "Watching goes on, and you can type.", "Plug one in and press Start again."),
        ("没有找到麦克风。", "观看照常，您可以打字。", "请接上麦克风后再按开始。"),
    ),
    ("microphone", "lost"): Notice(
        ("The microphone stopped.", "Watching goes on, and you can type.", "Check its cable, then press Start again."),
        ("麦克风停止了工作。", "观看照常，您可以打字。", "请检查连线，然后再按开始。"),
    ),
}
