// SPDX-License-Identifier: MIT
// Signals as bytes of a pipe, so that waiting for a key is waiting for them too, and none comes in between.
#pragma once

namespace editor {

class Signals {
public:
    enum class News { None, Resized, Leave };

    /// False when there is no pipe; errno says why.
    bool begin();
    /// What can be read from when a signal has come.
    int fd() const;
    /// Takes what has come; Leave for SIGHUP, SIGTERM and what else ends programs.
    News take() const;
};

} // namespace editor
