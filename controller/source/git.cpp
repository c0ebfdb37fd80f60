// SPDX-License-Identifier: Apache-2.0
// fetch: a commit that the mirror has -> done, without network. Else one fetch of a repository runs
// at a time; whoever waited for it takes its outcome if it began after they asked (it then saw all
// that they could want), else runs the next one. After a successful fetch the commit is read here,
// on the pool; a mirror that proves damaged is made anew, once.
#include "controller/source/git.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstdlib>
#include <map>

#include "api/v1alpha1/git_url.hpp"
#include "api/v1alpha1/rules.hpp"
#include "controller/base/log.hpp"
#include "controller/base/text.hpp"
#include "controller/source/child_process.hpp"
#include "controller/source/fetch_protocol.hpp"
#include "controller/source/mirror.hpp"

namespace trueup::source {
namespace {

namespace asio = boost::asio;

// The child answers at the deadline itself, with what it knows; this much later it is killed.
constexpr base::Milliseconds grace{2'000};

// Proxies and certificate authorities are the machine's; HOME is not passed on.
constexpr std::array<const char*, 11> passed_on{
    "http_proxy", "https_proxy", "no_proxy",      "all_proxy",    "HTTP_PROXY",     "HTTPS_PROXY",
    "NO_PROXY",   "ALL_PROXY",   "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH"};

std::vector<std::string> child_environment() {
    std::vector<std::string> environment;
    for (const char* name : passed_on) {
        if (const char* value = std::getenv(name))
            environment.push_back(fmt::format("{}={}", name, value));
    }
    return environment;
}

// One question of a caller.
struct Wanted {
    std::string url;
    std::string folder;
    Revision revision;
    GitCredential credential;
};

Result<v1alpha1::GitUrl> check(const std::string& url, const Revision& revision,
                               const GitCredential& credential) {
    auto parsed = v1alpha1::parse_git_url(url);
    if (!parsed) return parsed.error();
    if (!parsed->remote() && !parsed->path.starts_with('/')) {
        return Error(Errc::invalid, fmt::format("the path {} is not absolute", url));
    }
    if (revision.commit.empty() == revision.branch.empty()) {
        return Error(Errc::invalid, "name either a commit or a branch");
    }
    if (!revision.commit.empty() && !v1alpha1::is_commit_id(revision.commit)) {
        return Error(Errc::invalid, fmt::format("'{}' is no full commit id (40 hexadecimal digits)",
                                                revision.commit));
    }
    if (!revision.branch.empty() && !v1alpha1::is_branch_name(revision.branch)) {
        return Error(Errc::invalid, fmt::format("'{}' is not a branch name", revision.branch));
    }
    if (const auto fits = check_credential_for(credential, *parsed); !fits) return fits.error();
    return parsed;
}

Result<std::string> read_answer(const Result<ChildOutput>& output, base::Milliseconds deadline) {
    if (!output) return output.error();
    if (output->killed) {
        return Error(Errc::timeout, fmt::format("the git process did not end within {}",
                                                base::format_duration(deadline)));
    }
    if (output->text.empty() && output->status > 128) {
        return Error(Errc::unavailable,
                     fmt::format("the git process was ended by signal {} while it talked to the "
                                 "server, which may answer what no git server would",
                                 output->status - 128));
    }
    if (output->text.empty()) {
        return Error(
            Errc::unavailable,
            fmt::format("the git process ended without an answer (status {})", output->status));
    }
    return parse_answer(output->text);
}

}    // namespace

struct GitRepositories::State {
    State(Executor chosen, Pool& offload_pool, GitOptions given)
        : executor(std::move(chosen)), pool(offload_pool), options(std::move(given)) {}

    // What is known of one repository while somebody fetches it or waits to.
    struct Slot {
        explicit Slot(const Executor& executor)
            : free(executor, asio::steady_timer::time_point::max()) {}
        asio::steady_timer free;    // cancelled whenever `busy` ends
        bool busy = false;
        std::uint64_t last_started = 0;
        std::optional<Error> last_error;    // of the fetch that began at last_started
    };

    // Frees the slot on every way out, cancellation included.
    class Turn {
    public:
        explicit Turn(Slot& slot) : slot_(slot) { slot_.busy = true; }
        ~Turn() {
            slot_.busy = false;
            slot_.free.cancel();
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        Slot& slot_;
    };

    std::shared_ptr<Slot> slot_of(const std::string& folder) {
        std::weak_ptr<Slot>& known = slots[folder];
        std::shared_ptr<Slot> slot = known.lock();
        if (!slot) {
            std::erase_if(slots, [&](const auto& entry) {
                return entry.first != folder && entry.second.expired();
            });
            slot = std::make_shared<Slot>(executor);
            slots[folder] = slot;
        }
        return slot;
    }

    Task<Commit> open(std::string folder, Revision revision, bool even_damaged);
    Task<std::string> run_fetch(Wanted wanted);
    Task<Commit> fetch_in_turn(std::shared_ptr<Slot> slot, Wanted wanted);
    Task<Commit> fetch_now(std::shared_ptr<Slot> slot, Wanted wanted);

    Executor executor;
    Pool& pool;
    GitOptions options;
    std::map<std::string, std::weak_ptr<Slot>> slots;    // by folder
    std::uint64_t sequence = 0;                          // orders requests and starts of fetches
};

GitRepositories::GitRepositories(Executor executor, Pool& pool, GitOptions options)
    : state_(std::make_unique<State>(std::move(executor), pool, std::move(options))) {}

GitRepositories::~GitRepositories() = default;

Pool& GitRepositories::pool() { return state_->pool; }

// From the mirror alone. A damaged one is used only if there is nothing better.
Task<Commit> GitRepositories::State::open(std::string folder, Revision revision,
                                          bool even_damaged) {
    std::function<Result<Commit>()> work = [folder = std::move(folder),
                                            revision = std::move(revision),
                                            even_damaged]() -> Result<Commit> {
        const auto mirror = current_mirror(folder);
        if (!mirror) return Error(Errc::not_found, "there is no mirror yet");
        if (!even_damaged && is_damaged(*mirror))
            return Error(Errc::not_found, "the mirror is damaged");
        if (!revision.commit.empty()) return open_mirrored_commit(*mirror, revision.commit);
        const auto id = mirrored_branch(*mirror, revision.branch);
        if (!id) return id.error();
        return open_mirrored_commit(*mirror, *id);
    };
    return base::offload_result<Commit>(pool, std::move(work));
}

// One run of the child.
Task<std::string> GitRepositories::State::run_fetch(Wanted wanted) {
    FetchRequest request;
    request.url = std::move(wanted.url);
    request.mirror = std::move(wanted.folder);
    request.commit = std::move(wanted.revision.commit);
    request.branch = std::move(wanted.revision.branch);
    request.credential = std::move(wanted.credential);
    request.deadline = options.deadline;
    request.parent = ::getpid();
    const std::string program = options.program.empty() ? "/proc/self/exe" : options.program;
    const auto begin = std::chrono::steady_clock::now();
    std::string argument(git_child_argument);
    std::vector<std::string> environment = child_environment();
    std::string input = to_text(request);
    const auto output = co_await run_child(program, std::move(argument), std::move(environment),
                                           std::move(input), options.deadline + grace);
    const Result<std::string> answer = read_answer(output, options.deadline);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
    const bool cancelled = !answer && answer.error().code() == Errc::cancelled;
    if (options.observe && !cancelled)
        options.observe("fetch", static_cast<bool>(answer), elapsed.count());
    co_return answer;
}

// Fetches, and reads what was fetched.
Task<Commit> GitRepositories::State::fetch_now(std::shared_ptr<Slot> slot, Wanted wanted) {
    for (int attempt = 0;; ++attempt) {
        slot->last_started = ++sequence;
        slot->last_error.reset();
        const auto fetched = co_await run_fetch(wanted);
        if (!fetched) {
            slot->last_error = fetched.error();
            co_return fetched.error();
        }
        Revision found;
        found.commit = *fetched;
        auto commit = co_await open(wanted.folder, std::move(found), false);
        if (commit || attempt == 1) co_return commit;
        // The child saw it and it cannot be read here: open() marked the mirror, so a second fetch
        // makes a new one.
        log::warning("a git mirror is damaged and made anew",
                     {{"mirror", wanted.folder}, {"what", commit.error().message()}});
    }
}

Task<Commit> GitRepositories::State::fetch_in_turn(std::shared_ptr<Slot> slot, Wanted wanted) {
    const std::uint64_t asked = ++sequence;
    while (slot->busy) {
        const auto waited = co_await slot->free.async_wait(base::use_task);
        static_cast<void>(waited);
        if (co_await base::is_cancelled())
            co_return Error(Errc::cancelled, "cancelled while another fetch ran");
    }
    const Turn turn(*slot);
    if (slot->last_started > asked) {
        // An unreachable server is not asked again by each of its stacks.
        const bool shared = slot->last_error && slot->last_error->code() != Errc::not_found &&
                            slot->last_error->code() != Errc::cancelled;
        if (shared) co_return *slot->last_error;
        auto commit = co_await open(wanted.folder, wanted.revision, false);
        if (commit) co_return commit;
    }
    co_return co_await fetch_now(slot, std::move(wanted));
}

Task<Commit> GitRepositories::fetch(std::string url, Revision revision, GitCredential credential) {
    const auto parsed = check(url, revision, credential);
    if (!parsed) co_return parsed.error();
    const std::string folder = mirror_folder(state_->options.cache_directory, url, credential.name);
    if (!revision.commit.empty()) {
        auto commit = co_await state_->open(folder, revision, false);
        if (commit) co_return commit;
    }
    if (co_await base::is_cancelled()) co_return Error(Errc::cancelled, "cancelled before a fetch");
    const auto slot = state_->slot_of(folder);
    Wanted wanted{std::move(url), folder, revision, std::move(credential)};
    auto commit = co_await state_->fetch_in_turn(slot, std::move(wanted));
    if (commit || revision.commit.empty()) co_return commit;
    // A commit that can be read at least in part beats none while the server is away.
    auto kept = co_await state_->open(folder, revision, true);
    if (kept) co_return kept;
    co_return commit;
}

}    // namespace trueup::source
