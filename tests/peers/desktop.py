# Bestellbot - the telephone order desk that answers itself
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A window as a person meets it: seen and clicked through the accessibility
tree, typed at and resized through the X server, photographed.

    with Desktop([...argv], env) as desktop:
        desktop.click('Start a conversation')
        desktop.wait_for_text('Guten Tag')
        desktop.press('<Control>q')
        desktop.process.wait()

Needs a session bus and an X server of the test's own (dbus-run-session,
xvfb-run): one program with the application's id at a time.
"""
import ctypes
import ctypes.util
import subprocess
import time

import gi

gi.require_version('Atspi', '2.0')
from gi.repository import Atspi, GLib  # noqa: E402

from .process import DEADLINE, Process, Timeout  # noqa: E402

# A busy program is asked again rather than taken for a silent one (ms).
Atspi.set_timeout(10000, 20000)

KEYS = {'Control': 0xffe3, 'Shift': 0xffe1, 'Alt': 0xffe9, 'Return': 0xff0d, 'Escape': 0xff1b,
        'Tab': 0xff09, 'BackSpace': 0xff08, 'space': 0x20, 'Home': 0xff50, 'End': 0xff57, 'Up': 0xff52, 'Down': 0xff54,
        'Page_Up': 0xff55, 'Page_Down': 0xff56}


def spin(seconds=0.05):
    """Lets the accessibility client read what the program has told it."""
    end = time.monotonic() + seconds
    context = GLib.MainContext.default()
    while True:
        while context.iteration(False):
            pass
        if time.monotonic() >= end:
            return
        time.sleep(0.01)


def wait_for(function, what, timeout=DEADLINE):
    end = time.monotonic() + timeout
    while True:
        value = function()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f'no {what} within {timeout} s')
        spin()


class Display:
    """The few requests to the X server that a person's hands stand for."""

    def __init__(self):
        self.x = ctypes.CDLL(ctypes.util.find_library('X11') or 'libX11.so.6')
        self.test = ctypes.CDLL(ctypes.util.find_library('Xtst') or 'libXtst.so.6')
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        self.x.XDefaultRootWindow.restype = ctypes.c_ulong
        self.x.XDefaultRootWindow.argtypes = [ctypes.c_void_p]
        self.display = ctypes.c_void_p(self.x.XOpenDisplay(None))
        if not self.display:
            raise RuntimeError('no X server: run under xvfb-run')
        self.root = self.x.XDefaultRootWindow(self.display)

    def windows(self):
        """Visible top-level windows, as (id, x, y, width, height), topmost last."""
        root, parent = ctypes.c_ulong(), ctypes.c_ulong()
        children, count = ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        self.x.XQueryTree(self.display, ctypes.c_ulong(self.root), ctypes.byref(root),
                          ctypes.byref(parent), ctypes.byref(children), ctypes.byref(count))
        found = []
        for i in range(count.value):
            # XWindowAttributes: five ints first, map_state far behind; ints at known places.
            attributes = (ctypes.c_int * 64)()
            self.x.XGetWindowAttributes(self.display, ctypes.c_ulong(children[i]), attributes)
            x, y, width, height = attributes[0:4]
            viewable = attributes[23] == 2
            if viewable and width > 50 and height > 50:
                found.append((children[i], x, y, width, height))
        if count.value:
            self.x.XFree(children)
        return found

    def resize(self, window, width, height):
        self.x.XMoveResizeWindow(self.display, ctypes.c_ulong(window), 0, 0, width, height)
        self.x.XSync(self.display, 0)

    def focus(self, window):
        self.x.XSetInputFocus(self.display, ctypes.c_ulong(window), 2, 0)
        self.x.XSync(self.display, 0)

    def press(self, keysyms):
        codes = [self.x.XKeysymToKeycode(self.display, ctypes.c_ulong(key)) for key in keysyms]
        for code in codes:
            self.test.XTestFakeKeyEvent(self.display, code, 1, 0)
        for code in reversed(codes):
            self.test.XTestFakeKeyEvent(self.display, code, 0, 0)
        self.x.XSync(self.display, 0)

    def roll(self, x, y, button):
        """Turns the wheel by a notch over a place: button 4 up, 5 down."""
        self.test.XTestFakeMotionEvent(self.display, -1, x, y, 0)
        self.test.XTestFakeButtonEvent(self.display, button, 1, 0)
        self.test.XTestFakeButtonEvent(self.display, button, 0, 0)
        self.x.XSync(self.display, 0)

    def tap(self, x, y):
        """A click with the mouse's first button."""
        self.test.XTestFakeMotionEvent(self.display, -1, x, y, 0)
        self.test.XTestFakeButtonEvent(self.display, 1, 1, 0)
        self.test.XTestFakeButtonEvent(self.display, 1, 0, 0)
        self.x.XSync(self.display, 0)


class Node:
    """What a screen reader knows of one object; gone objects have no name."""

    def __init__(self, accessible):
        self.accessible = accessible

    def _ask(self, function, default):
        try:
            return function()
        except GLib.Error:
            return default

    @property
    def name(self):
        return self._ask(self.accessible.get_name, '') or ''

    @property
    def role(self):
        return self._ask(self.accessible.get_role_name, '') or ''

    def has(self, state):
        states = self._ask(self.accessible.get_state_set, None)
        return states is not None and states.contains(getattr(Atspi.StateType, state))

    @property
    def extents(self):
        return self._ask(lambda: self.accessible.get_extents(Atspi.CoordType.WINDOW), None)

    @property
    def top(self):
        return self.extents.y

    @property
    def bottom(self):
        return self.extents.y + self.extents.height

    @property
    def showing(self):
        """Laid out somewhere. (GTK 4.8 calls nothing but windows SHOWING; what is hidden is no
        part of the tree.)"""
        extents = self.extents
        return extents is not None and extents.width > 0 and extents.height > 0

    def children(self):
        count = self._ask(self.accessible.get_child_count, 0)
        found = [self._ask(lambda i=i: self.accessible.get_child_at_index(i), None)
                 for i in range(count)]
        return [Node(child) for child in found if child is not None]

    def walk(self):
        for child in self.children():
            yield child
            yield from child.walk()

    def click(self):
        if not self.accessible.do_action(0):
            raise AssertionError(f'{self.name!r} can not be clicked')

    def __repr__(self):
        return f'{self.role} {self.name!r}'


class Desktop:
    def __init__(self, argv, env=None, timeout=DEADLINE):
        self.display = Display()
        self.process = Process(argv, env=env)
        try:
            self.application = wait_for(self._find_application, 'window in the accessibility tree',
                                        timeout)
            self.window = wait_for(self._find_window, 'window on the screen', timeout)
        except BaseException as error:
            self.process.stop()
            raise AssertionError(f'{error}\n{self.process.text()}') from error

    def pids(self):
        """The program's, and those of what it started."""
        found, new = [], [self.process.pid]
        while new:
            found += new
            new = [int(child) for pid in new for child in self._children_of(pid)]
        return found

    @staticmethod
    def _children_of(pid):
        try:
            with open(f'/proc/{pid}/task/{pid}/children', encoding='ascii') as text:
                return text.read().split()
        except OSError:
            return []

    def _find_application(self):
        for child in Node(Atspi.get_desktop(0)).children():
            if child._ask(child.accessible.get_process_id, 0) in self.pids() and child.children():
                # Each look is a fresh one: nothing remembered from before.
                child.accessible.set_cache_mask(Atspi.Cache.NONE)
                return child
        if self.process.process.poll() is not None:
            raise AssertionError(f'the program ended with {self.process.process.returncode}')
        return None

    def _find_window(self):
        windows = self.display.windows()
        return windows[-1][0] if windows else None

    def geometry(self):
        """Width and height of the window."""
        for window, _, _, width, height in self.display.windows():
            if window == self.window:
                return width, height
        return None

    def resize(self, width, height):
        self.display.resize(self.window, width, height)
        wait_for(lambda: self.geometry() == (width, height), f'window of {width}x{height}')

    def press(self, keys):
        """`<Control>Return`: keys held in brackets, then the one pressed."""
        names = [name for name in keys.replace('<', ' ').replace('>', ' ').split() if name]
        self.display.focus(self.window)
        self.display.press([KEYS[name] if name in KEYS else ord(name) for name in names])

    def nodes(self):
        return list(self.application.walk())

    def find(self, text, role=None, exact=False):
        for node in self.application.walk():
            name = node.name
            if ((name == text if exact else text in name) and node.showing
                    and (role is None or node.role == role)):
                return node
        return None

    def wait_for_text(self, text, role=None, timeout=DEADLINE):
        try:
            return wait_for(lambda: self.find(text, role), repr(text), timeout)
        except Timeout as error:
            shown = '\n'.join(repr(n) for n in self.nodes() if n.showing)
            raise Timeout(f'{error}; shown:\n{shown}\n{self.process.text()}') from None

    def button(self, label, timeout=DEADLINE):
        return wait_for(lambda: self.find(label, 'push button', exact=True)
                        or self.find(label, 'button', exact=True), f'button {label!r}', timeout)

    def click(self, label):
        self.button(label).click()

    def tap(self, node):
        """A click into the middle of what has no accessible action of its own, such as a row."""
        spin(0.2)  # nothing moves any more
        extents = node.extents
        position = next(w for w in self.display.windows() if w[0] == self.window)
        self.display.tap(position[1] + extents.x + extents.width // 2,
                         position[2] + extents.y + extents.height // 2)

    def type(self, text):
        """Into whatever has the keyboard."""
        for letter in text:
            self.press('space' if letter == ' ' else letter)

    def photograph(self, path):
        # The frame that GTK draws without a window manager is left out.
        spin(0.4)  # what fades in has faded in
        subprocess.run(['convert', 'x:' + hex(self.window), '-shave', '5x5', '+repage', '-strip', path],
                       check=True, timeout=60)

    def stop(self):
        return self.process.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
