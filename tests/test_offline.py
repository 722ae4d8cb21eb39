"""The seal itself: were it open, every other test could spend money."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time

import pytest

from tests.offline import NotInATest, is_local


def test_a_test_cannot_connect_beyond_this_machine():
    with socket.socket() as sock, pytest.raises(NotInATest):
        sock.connect(("192.0.2.1", 9))


def test_a_test_cannot_look_up_a_name():
    with pytest.raises(NotInATest):
        socket.getaddrinfo("example.invalid", 443)


def test_a_test_reaches_its_own_machine():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    assert is_local("::1")


def test_a_child_of_a_test_is_sealed_too():
    reach = "import socket; socket.socket().connect(('192.0.2.1', 9))"
    child = subprocess.run([sys.executable, "-c", reach], capture_output=True, text=True, check=False)
    assert "NotInATest" in child.stderr


def test_a_test_cannot_sleep_for_long():
    with pytest.raises(NotInATest):
        time.sleep(5)


def test_no_key_of_the_user_is_in_sight():
    assert not [name for name in os.environ if name.endswith(("_API_KEY", "_TOKEN", "_SECRET"))]
