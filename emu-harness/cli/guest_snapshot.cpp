// SPDX-License-Identifier: GPL-2.0-or-later
#include "cli/guest_snapshot.h"

#include "machine/content_hash.h"
#include "machine/saved_fields.h"
#include "machine/snapshot_file.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <tuple>

namespace ringcheck::cli {
namespace {

constexpr const char *kFilesSection = "files", *kWatchSection = "watch";

/// A file that a guest consists of; without one, both are empty.
struct KnownFile {
    std::string name;
    ContentHash hash;

    auto saved_fields(this auto& self) { return std::tie(self.name, self.hash); }
};

/// What gives the machine's memory its names.
struct KnownFiles {
    KnownFile kernel, initrd;

    auto saved_fields(this auto& self) { return std::tie(self.kernel, self.initrd); }
};

KnownFile known_file(const std::string& path, std::span<const std::byte> bytes)
{
    return path.empty() ? KnownFile{} : KnownFile{std::filesystem::path(path).filename(), hash_of(bytes)};
}

KnownFiles known_files(const GuestFiles& files)
{
    return {known_file(files.kernel_path, files.kernel.file()), known_file(files.initrd_path, files.initrd_bytes)};
}

/// What differs between the file that the snapshot was made with and the one that is there now.
std::optional<std::string> difference(const char* what, const KnownFile& then, const KnownFile& now,
                                      const std::string& path)
{
    if (then.hash == now.hash) {
        return std::nullopt;
    }
    const auto tell = [](const KnownFile& file, const std::string& name) {
        return file.name.empty() ? std::string("none") : fmt::format("{} ({})", name, file.hash.text());
    };
    return fmt::format("this snapshot was made with another {}, {}, than {}: give that one, or save it again with "
                       "'ringcheck run --save-at'",
                       what, tell(then, then.name), tell(now, path));
}

} // namespace

void add_save_option(Command& command, std::vector<std::string>& save_at)
{
    command
        .option("--save-at", save_at,
                "Save the machine after so many instructions, or when this function is first reached, for --from; "
                "repeatable")
        .repeatable()
        .value("COUNT|SYMBOL:FILE");
}

std::expected<std::vector<SavePoint>, std::string> parse_save_points(const std::vector<std::string>& texts,
                                                                     const GuestFiles& files, std::uint64_t begin)
{
    std::vector<SavePoint> points;
    for (const std::string& text : texts) {
        // A C++ name has colons of its own.
        std::size_t colon = text.find(':');
        while (colon != std::string::npos && text.compare(colon, 2, "::") == 0) {
            colon = text.find(':', colon + 2);
        }
        if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
            return std::unexpected(
                fmt::format("--save-at {}: say when and where, as in 50000:boot.snap or kernel_main:boot.snap", text));
        }
        const std::string when = text.substr(0, colon);
        SavePoint point{std::nullopt, std::nullopt, text.substr(colon + 1), text};
        if (when.find_first_not_of("0123456789") == std::string::npos) {
            if (const std::string problem = refuse_count(when); !problem.empty()) {
                return std::unexpected(fmt::format("--save-at {}: {}", text, problem));
            }
            std::uint64_t count = 0;
            std::from_chars(when.data(), when.data() + when.size(), count);
            point.count = count;
            if (count < begin) {
                return std::unexpected(
                    fmt::format("--save-at {}: the run begins at instruction {} already", text, begin));
            }
        } else if (point.address = files.kernel.symbol(when); !point.address) {
            return std::unexpected(fmt::format("--save-at {}: the kernel has no symbol {}", text, when));
        }
        points.push_back(std::move(point));
    }
    return points;
}

std::expected<void, std::string> write_snapshot(const std::string& path, const GuestFiles& files, Machine& machine,
                                                const GuestWatch& watch)
{
    const auto snapshot = machine.snapshot();
    if (!snapshot) {
        return std::unexpected(fmt::format("{}: {}", path, snapshot.error()));
    }
    SnapshotFile file;
    file.add(kFilesSection, to_bytes(known_files(files)));
    file.add(kWatchSection, to_bytes(watch.known()));
    snapshot->save_to(file);
    return file.write(path);
}

std::expected<void, std::string> load_snapshot(const GuestOptions& options, const GuestFiles& files, Machine& machine,
                                               GuestWatch& watch)
{
    const auto refuse = [&options](const std::string& why) {
        return std::unexpected(fmt::format("{}: {}", options.from, why));
    };
    const auto file = SnapshotFile::read(options.from);
    if (!file) {
        return std::unexpected(file.error());
    }
    const auto get = [&file](const char* section, auto& object) {
        const std::vector<std::byte>* const bytes = file->find(section);
        return bytes != nullptr && from_bytes(*bytes, object);
    };
    KnownFiles then;
    if (!get(kFilesSection, then)) {
        return refuse("this snapshot is damaged: it does not say what it was made with");
    }
    const KnownFiles now = known_files(files);
    auto differs = difference("kernel", then.kernel, now.kernel, options.kernel);
    if (!differs) {
        differs = difference("initrd", then.initrd, now.initrd, files.initrd_path);
    }
    if (differs) {
        return refuse(*differs);
    }
    const auto snapshot = Snapshot::load_from(*file);
    if (!snapshot) {
        return refuse(snapshot.error());
    }
    if (auto restored = machine.restore(*snapshot); !restored) {
        return refuse(restored.error());
    }
    GuestKnowledge known;
    if (!get(kWatchSection, known)) {
        return refuse("this snapshot is damaged: it does not say which processes there are");
    }
    watch.set_known(std::move(known));
    return {};
}

} // namespace ringcheck::cli
