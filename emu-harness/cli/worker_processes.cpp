// SPDX-License-Identifier: GPL-2.0-or-later
// A worker takes the next job that nobody has taken, and tells through a pipe of its own what it prints and how the job
// has ended.
#include "cli/worker_processes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <utility>

namespace ringcheck::cli {
namespace {

/// In front of each message of a worker.
struct Header {
    enum class Kind : std::uint8_t { Begin, Out, Error, End } kind;
    std::uint64_t job;
    std::uint64_t value; ///< bytes of text that follow; of an end the status
};

[[noreturn]] void fail_with(const char* what)
{
    throw std::system_error(errno, std::generic_category(), what);
}

void write_all(int descriptor, const void* bytes, std::size_t size)
{
    const auto* at = static_cast<const char*>(bytes);
    while (size != 0) {
        const ssize_t written = write(descriptor, at, size);
        if (written <= 0) {
            _exit(kDifference); // nobody listens any more
        }
        at += written;
        size -= static_cast<std::size_t>(written);
    }
}

/// The number of the next job, in memory that all processes have in common.
class JobCounter {
public:
    JobCounter()
    {
        void* const memory = mmap(nullptr, sizeof(Counter), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) {
            fail_with("mmap");
        }
        next_ = new (memory) Counter(0);
    }
    ~JobCounter() { munmap(next_, sizeof(Counter)); }
    JobCounter(const JobCounter&) = delete;
    JobCounter& operator=(const JobCounter&) = delete;
    std::size_t take() { return next_->fetch_add(1); }

private:
    using Counter = std::atomic<std::size_t>;
    static_assert(Counter::is_always_lock_free, "it has no lock, which would be one of each process alone");
    Counter* next_;
};

/// What a job throws ends the process as any crash does: it must not go on as a copy of the one that made it.
[[noreturn]] void work(int pipe, JobCounter& counter, std::size_t count,
                       const std::function<Status(std::size_t)>& job) noexcept
{
    std::size_t current = 0;
    const auto tell = [&](Header::Kind kind, std::uint64_t value) {
        const Header header{kind, current, value};
        write_all(pipe, &header, sizeof header);
    };
    redirect_output([&](OutputStream stream, std::string_view text) {
        tell(stream == OutputStream::Out ? Header::Kind::Out : Header::Kind::Error, text.size());
        write_all(pipe, text.data(), text.size());
    });
    while ((current = counter.take()) < count) {
        tell(Header::Kind::Begin, 0);
        tell(Header::Kind::End, static_cast<std::uint64_t>(job(current)));
    }
    _exit(kPass); // what the copied process had still to do at its end is not the worker's
}

/// What the jobs have said, printed in their order as soon as those before have ended.
class Printer {
public:
    using Lost = std::function<Status(std::size_t, const std::string&)>;
    Printer(std::size_t count, const Lost& lost) : jobs_(count), lost_(lost) {}

    void take(std::size_t job, OutputStream stream, std::string text)
    {
        jobs_[job].pieces.push_back({stream, std::move(text)});
    }
    void ended(std::size_t job, Status status) { jobs_[job].status = status; }
    void lost(std::size_t job, std::string how) { jobs_[job].how_lost = std::move(how); }

    void print_what_is_next()
    {
        for (; statuses_.size() != jobs_.size(); jobs_[statuses_.size() - 1] = {}) {
            const Job& job = jobs_[statuses_.size()];
            if (!job.status && job.how_lost.empty()) {
                break;
            }
            for (const Piece& piece : job.pieces) {
                piece.stream == OutputStream::Out ? print_out(piece.text) : print_error(piece.text);
            }
            statuses_.push_back(job.status ? *job.status : lost_(statuses_.size(), job.how_lost));
        }
        std::fflush(stdout);
    }

    /// After the last worker.
    std::vector<Status> finish()
    {
        for (Job& job : jobs_) {
            job.how_lost = "had come to an end before, as all others had";
        }
        print_what_is_next();
        return std::move(statuses_);
    }

private:
    struct Piece {
        OutputStream stream;
        std::string text;
    };
    struct Job {
        std::vector<Piece> pieces;
        std::optional<Status> status;
        std::string how_lost;
    };
    std::vector<Job> jobs_;
    const Lost& lost_;
    std::vector<Status> statuses_; ///< of those that are printed
};

std::string describe_status(int status)
{
    return WIFSIGNALED(status)
               ? fmt::format("was killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)))
               : fmt::format("ended with status {}", WEXITSTATUS(status));
}

class Worker {
public:
    Worker(JobCounter& counter, std::size_t count, const std::function<Status(std::size_t)>& job)
    {
        std::array<int, 2> ends{};
        if (pipe(ends.data()) != 0) {
            fail_with("pipe");
        }
        process_ = fork();
        if (process_ < 0) {
            fail_with("fork");
        }
        if (process_ == 0) {
            close(ends[0]);
            work(ends[1], counter, count, job);
        }
        close(ends[1]);
        pipe_ = ends[0];
    }

    bool runs() const { return pipe_ >= 0; }
    /// What to poll for what it says; poll passes over -1, when it has ended.
    int descriptor() const { return pipe_; }

    /// Takes one portion from the pipe.
    void read_on(Printer& printer)
    {
        std::array<char, 65536> portion; // NOLINT(*-member-init): read() fills it
        const ssize_t got = read(pipe_, portion.data(), portion.size());
        if (got < 0) {
            fail_with("read");
        }
        bytes_.append(portion.data(), static_cast<std::size_t>(got));
        while (take_message(printer)) {
        }
        if (got == 0) {
            end(printer);
        }
    }

private:
    bool take_message(Printer& printer)
    {
        Header header{};
        if (bytes_.size() < sizeof header) {
            return false;
        }
        std::memcpy(&header, bytes_.data(), sizeof header);
        const bool has_text = header.kind == Header::Kind::Out || header.kind == Header::Kind::Error;
        const std::size_t size = sizeof header + (has_text ? header.value : 0);
        if (bytes_.size() < size) {
            return false;
        }
        switch (header.kind) {
        case Header::Kind::Begin: job_ = header.job; break;
        case Header::Kind::End:
            printer.ended(header.job, static_cast<Status>(header.value));
            job_.reset();
            break;
        default:
            printer.take(header.job, header.kind == Header::Kind::Out ? OutputStream::Out : OutputStream::Error,
                         bytes_.substr(sizeof header, header.value));
        }
        bytes_.erase(0, size);
        return true;
    }

    void end(Printer& printer)
    {
        close(pipe_);
        pipe_ = -1;
        int status = 0;
        if (waitpid(process_, &status, 0) != process_) {
            fail_with("waitpid");
        }
        if (job_) {
            printer.lost(*job_, describe_status(status));
        }
    }

    pid_t process_;
    int pipe_ = -1;
    std::string bytes_;
    std::optional<std::size_t> job_; ///< what it is at
};

} // namespace

unsigned processor_count()
{
    return std::max(1U, std::thread::hardware_concurrency());
}

std::vector<Status> do_in_processes(unsigned workers, std::size_t count, const std::function<Status(std::size_t)>& job,
                                    const std::function<Status(std::size_t, const std::string& how)>& lost)
{
    if (workers <= 1 || count <= 1) {
        std::vector<Status> statuses;
        for (std::size_t i = 0; i != count; ++i) {
            statuses.push_back(job(i));
        }
        return statuses;
    }
    std::fflush(nullptr); // else each process would print what waits in the buffers
    JobCounter counter;
    Printer printer(count, lost);
    std::vector<Worker> running;
    for (std::size_t i = 0; i != std::min<std::size_t>(workers, count); ++i) {
        try {
            running.emplace_back(counter, count, job);
        } catch (const std::system_error&) {
            if (running.empty()) {
                throw;
            }
            break; // those that there are take all jobs
        }
    }
    while (std::ranges::any_of(running, &Worker::runs)) {
        std::vector<pollfd> pipes;
        pipes.reserve(running.size());
        for (const Worker& worker : running) {
            pipes.push_back({worker.descriptor(), POLLIN, 0});
        }
        if (poll(pipes.data(), pipes.size(), -1) < 0 && errno != EINTR) {
            fail_with("poll");
        }
        for (std::size_t i = 0; i != running.size(); ++i) {
            if (pipes[i].revents != 0) {
                running[i].read_on(printer);
            }
        }
        printer.print_what_is_next();
    }
    return printer.finish();
}

} // namespace ringcheck::cli
