// SPDX-License-Identifier: MIT
// A folder for the files of a test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <system_error>

namespace support {

/// A folder that is empty at first, where the machine keeps temporary files; gone with all that is in it when the
/// object goes.  Throws std::runtime_error when none can be made.
class TemporaryFolder {
public:
    TemporaryFolder() : path_{(std::filesystem::temp_directory_path() / "aethel-test-XXXXXX").string()}
    {
        if (mkdtemp(path_.data()) == nullptr) {
            throw std::runtime_error("no folder for temporary files");
        }
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    /// Of the folder itself, or of `name` in it.
    std::string path(const std::string& name = "") const { return path_ + (name.empty() ? "" : "/" + name); }
    void write(const std::string& name, const std::string& content) const
    {
        std::ofstream{path(name), std::ios::binary} << content;
    }
    /// The content of a file, or "(none)".
    std::string read(const std::string& name) const
    {
        std::ifstream file{path(name), std::ios::binary};
        return file ? std::string{std::istreambuf_iterator<char>{file}, {}} : "(none)";
    }

private:
    std::string path_;
};

} // namespace support
