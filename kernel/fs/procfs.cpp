// SPDX-License-Identifier: MIT
// An inode of /proc is made when it is looked up and goes with its last holder.  It remembers a process by its number:
// one that has ended is not there any more, whoever still has its files open.
#include "fs/procfs.h"

#include "base/min_max.h"
#include "cpu/user_copy.h"
#include "fs/file_path.h"
#include "fs/file_space.h"
#include "fs/open_file.h"
#include "fs/proc_text.h"
#include "fs/tmpfs.h"
#include "mm/object_allocator.h"
#include "process/harbor.h"
#include "process/loom.h"

#include <new>

namespace kernel {
namespace {

using arch::VirtAddr;
using base::fail;
using base::Result;
using base::StringView;
using uapi::Error;

/// Inode numbers: the process's, and which of its files.
constexpr std::uint64_t kNumbersOfProcess = 1024;
/// Which, of those that are no texts.
enum Which : unsigned {
    kDirectoryItself = 100,
    kExecutable,
    kCurrent,
    kRoot,
    kDescriptors,
    kSelf,
    kFirstDescriptor = 256
};

constexpr InodeFacts facts(FileKind kind, std::uint32_t permissions, VesselId process, unsigned which)
{
    return {.kind = kind,
            .permissions = permissions,
            .number = static_cast<std::uint64_t>(process) * kNumbersOfProcess + which,
            .device = device_id::kProcfs};
}

/// Digits as base::print has them.
class Decimal {
public:
    explicit Decimal(std::uint64_t number) : writer_(text_, sizeof text_) { base::print(writer_, number); }
    StringView text() const { return writer_.text(); }

private:
    char text_[24] = {};
    base::BufferWriter writer_;
};

/// A number without a zero in front; ~0 for anything else.
std::uint64_t parse(StringView name)
{
    constexpr std::size_t kLongest = 9;
    if (name.empty() || name.size() > kLongest || (name[0] == '0' && name.size() > 1)) {
        return ~std::uint64_t{0};
    }
    std::uint64_t number = 0;
    for (const char digit : name) {
        if (digit < '0' || digit > '9') {
            return ~std::uint64_t{0};
        }
        number = number * 10 + static_cast<unsigned>(digit - '0');
    }
    return number;
}

template <typename Node, typename... Arguments> Result<InodeRef> make(const Arguments&... arguments)
{
    void* const memory = TRY(objects.allocate(sizeof(Node)));
    auto* const node = new (memory) Node(arguments...);
    node->links = 0;
    return InodeRef(*node);
}

template <typename Node> void forget(Node& node)
{
    node.~Node();
    objects.free(&node, sizeof(Node));
}

/// Keeps the part of a text that somebody has asked for.
class Window final : public base::Writer {
public:
    static constexpr std::size_t kSize = arch::kPageSize;

    Window(std::uint64_t offset, std::uint64_t count)
        : begin_(offset), end_(offset + base::min<std::uint64_t>(count, kSize))
    {
    }
    void write(StringView text) override
    {
        for (const char character : text) {
            if (position_ >= begin_ && position_ < end_) {
                window_bytes[position_ - begin_] = static_cast<std::uint8_t>(character);
            }
            ++position_;
        }
    }
    base::Bytes bytes() const { return {window_bytes, position_ > begin_ ? base::min(position_, end_) - begin_ : 0}; }

private:
    static constinit std::uint8_t window_bytes[kSize]; ///< one for all: no read waits in the middle

    std::uint64_t begin_, end_;
    std::uint64_t position_ = 0;
};

constinit std::uint8_t Window::window_bytes[Window::kSize] = {};

class TextFile final : public Inode {
public:
    TextFile(VesselId process, unsigned which, const ProcText& text)
        : Inode(facts(FileKind::Regular, 0444, process, which)), process_(process), text_(text)
    {
    }

    /// ESRCH: the process has ended.
    Result<std::uint64_t> read(OpenFile&, VirtAddr buffer, std::uint64_t count, std::uint64_t offset) override
    {
        const Vessel* const vessel = harbor.find(process_ == VesselId{} ? Harbor::kShellId : process_);
        if (vessel == nullptr) {
            return fail(Error::Esrch);
        }
        Window window(offset, count);
        text_.print(window, *vessel);
        return give_user(buffer, window.bytes());
    }

private:
    void vanish() override { forget(*this); }

    VesselId process_; ///< 0: it is about the machine
    const ProcText& text_;
};

class ProcLink final : public SymbolicLink {
public:
    ProcLink(VesselId process, unsigned which)
        : SymbolicLink(facts(FileKind::SymbolicLink, 0777, process, which)), process_(process), which_(which)
    {
    }

    StringView target(base::Span<char> buffer) override
    {
        if (which_ == kSelf) {
            base::BufferWriter writer(buffer.data(), buffer.size());
            base::print(writer, static_cast<std::uint64_t>(loom.current().vessel->id));
            return writer.text();
        }
        const InodeRef inode = destination();
        return inode ? describe(*inode, buffer) : StringView("", 0);
    }

    InodeRef destination() override
    {
        const Vessel* const vessel = which_ == kSelf ? nullptr : harbor.find(process_);
        if (vessel == nullptr) {
            return {};
        }
        switch (which_) {
        case kExecutable: return vessel->program.file();
        case kCurrent: return vessel->directory;
        case kRoot: return InodeRef(tmpfs::root());
        default: break;
        }
        const Result<HeldFile> file = vessel->files.find(which_ - kFirstDescriptor);
        return file ? InodeRef(*(*file)->inode) : InodeRef();
    }

private:
    void vanish() override { forget(*this); }

    VesselId process_;
    unsigned which_;
};

/// Whatever is listed by a number: "." and "..", then the rest.
class ProcDirectory : public Directory {
public:
    using Directory::Directory;

    void list(OpenFile& file, EntrySink& sink) override
    {
        if (file.offset == 0 && sink.take(".", number, FileKind::Directory, 1)) {
            file.offset = 1;
        }
        if (file.offset == 1 && sink.take("..", parent().number, FileKind::Directory, 2)) {
            file.offset = 2;
        }
        if (file.offset >= 2) {
            list_rest(file, sink);
        }
    }

protected:
    ~ProcDirectory() = default;
    /// Entries from file.offset - 2 on.
    virtual void list_rest(OpenFile& file, EntrySink& sink) = 0;

    static bool take(OpenFile& file, EntrySink& sink, StringView name, std::uint64_t inode_number, FileKind kind,
                     std::uint64_t place)
    {
        if (file.offset > place) {
            return true;
        }
        if (!sink.take(name, inode_number, kind, place + 1)) {
            return false;
        }
        file.offset = place + 1;
        return true;
    }
};

Result<InodeRef> find_text(base::Span<const ProcText> texts, StringView name, VesselId process)
{
    for (unsigned i = 0; i < texts.size(); ++i) {
        if (name == texts[i].name) {
            return make<TextFile>(process, i + 1, texts[i]);
        }
    }
    return fail(Error::Enoent);
}

/// /proc/PID/fd.
class DescriptorDirectory final : public ProcDirectory {
public:
    DescriptorDirectory(VesselId process, Directory& above)
        : ProcDirectory(facts(FileKind::Directory, 0500, process, kDescriptors)), process_(process), above_(above)
    {
    }
    Directory& parent() override { return static_cast<Directory&>(*above_); }
    StringView name() const override { return "fd"; }
    Result<InodeRef> find(StringView name) override
    {
        const Vessel* const vessel = harbor.find(process_);
        const std::uint64_t descriptor = parse(name);
        if (vessel == nullptr || descriptor >= DescriptorTable::kMaximum ||
            !vessel->files.find(static_cast<std::uint32_t>(descriptor))) {
            return fail(Error::Enoent);
        }
        return make<ProcLink>(process_, kFirstDescriptor + static_cast<unsigned>(descriptor));
    }

private:
    void list_rest(OpenFile& file, EntrySink& sink) override
    {
        const Vessel* const vessel = harbor.find(process_);
        for (std::uint64_t at = file.offset; vessel != nullptr && at < DescriptorTable::kMaximum + 2; ++at) {
            const auto descriptor = static_cast<std::uint32_t>(at - 2);
            if (vessel->files.find(descriptor) &&
                !take(file, sink, Decimal(descriptor).text(), number - kDescriptors + kFirstDescriptor + descriptor,
                      FileKind::SymbolicLink, at)) {
                return;
            }
        }
    }
    void vanish() override { forget(*this); }

    VesselId process_;
    InodeRef above_;
};

struct Special {
    const char* name;
    Which which;
    FileKind kind;
};
constexpr Special kSpecials[] = {{"exe", kExecutable, FileKind::SymbolicLink},
                                 {"cwd", kCurrent, FileKind::SymbolicLink},
                                 {"root", kRoot, FileKind::SymbolicLink},
                                 {"fd", kDescriptors, FileKind::Directory}};

/// /proc/PID.
class ProcessDirectory final : public ProcDirectory {
public:
    explicit ProcessDirectory(VesselId process)
        : ProcDirectory(facts(FileKind::Directory, 0555, process, kDirectoryItself)), process_(process),
          name_(static_cast<std::uint64_t>(process))
    {
    }
    Directory& parent() override { return procfs_root(); }
    StringView name() const override { return name_.text(); }
    Result<InodeRef> find(StringView name) override
    {
        if (harbor.find(process_) == nullptr) {
            return fail(Error::Enoent);
        }
        for (const Special& special : kSpecials) {
            if (name == special.name) {
                return special.kind == FileKind::Directory ? make_descriptors()
                                                           : make<ProcLink>(process_, special.which);
            }
        }
        return find_text(process_texts(), name, process_);
    }

private:
    Result<InodeRef> make_descriptors()
    {
        void* const memory = TRY(objects.allocate(sizeof(DescriptorDirectory)));
        auto* const node = new (memory) DescriptorDirectory(process_, *this);
        node->links = 0;
        return InodeRef(*node);
    }
    void list_rest(OpenFile& file, EntrySink& sink) override
    {
        std::uint64_t place = 2;
        unsigned which = 0;
        for (const ProcText& text : process_texts()) {
            if (!take(file, sink, text.name, number - kDirectoryItself + ++which, FileKind::Regular, place++)) {
                return;
            }
        }
        for (const Special& special : kSpecials) {
            if (!take(file, sink, special.name, number - kDirectoryItself + special.which, special.kind, place++)) {
                return;
            }
        }
    }
    void vanish() override { forget(*this); }

    VesselId process_;
    Decimal name_;
};

/// /proc.
class ProcRoot final : public ProcDirectory {
public:
    constexpr ProcRoot() : ProcDirectory(facts(FileKind::Directory, 0555, VesselId{}, kDirectoryItself)) {}
    Directory& parent() override { return tmpfs::root(); }
    StringView name() const override { return "proc"; }
    Result<InodeRef> find(StringView name) override
    {
        if (name == "self") {
            return make<ProcLink>(VesselId{}, kSelf);
        }
        if (const std::uint64_t id = parse(name); id != ~std::uint64_t{0}) {
            return harbor.find(VesselId{id}) != nullptr ? make<ProcessDirectory>(VesselId{id})
                                                        : Result<InodeRef>(fail(Error::Enoent));
        }
        return find_text(machine_texts(), name, VesselId{});
    }

private:
    static constexpr std::uint64_t kFirstProcess = 64; ///< the place of the one in slot 0

    void list_rest(OpenFile& file, EntrySink& sink) override
    {
        std::uint64_t place = 2;
        unsigned which = 0;
        for (const ProcText& text : machine_texts()) {
            if (!take(file, sink, text.name, ++which, FileKind::Regular, place++)) {
                return;
            }
        }
        if (!take(file, sink, "self", kSelf, FileKind::SymbolicLink, place)) {
            return;
        }
        const std::uint64_t first = file.offset > kFirstProcess ? file.offset - kFirstProcess : 0;
        for (std::uint64_t slot = first; slot < Harbor::kMaximumVessels; ++slot) {
            const Vessel* const vessel = harbor.vessel(static_cast<unsigned>(slot));
            const std::uint64_t id = vessel != nullptr ? static_cast<std::uint64_t>(vessel->id) : 0;
            if (id != 0 && !take(file, sink, Decimal(id).text(), id * kNumbersOfProcess + kDirectoryItself,
                                 FileKind::Directory, kFirstProcess + slot)) {
                return;
            }
        }
    }
};

constinit ProcRoot proc_root;

} // namespace

Directory& procfs_root()
{
    return proc_root;
}

} // namespace kernel
