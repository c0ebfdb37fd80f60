// SPDX-License-Identifier: Apache-2.0
// The child process of a fetch. libgit2 1.5 has no network timeout, so a fetch may block for ever:
// a watchdog thread answers at the deadline with what the sockets tell, and the process ends with
// its parent.
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <thread>

#include "api/v1alpha1/git_url.hpp"
#include "controller/source/fetch_error.hpp"
#include "controller/source/fetch_protocol.hpp"
#include "controller/source/git.hpp"
#include "controller/source/git_connection.hpp"
#include "controller/source/git_ssh_process.hpp"
#include "controller/source/libgit.hpp"
#include "controller/source/mirror_fetch.hpp"

namespace trueup::source {
namespace {

constexpr std::size_t largest_object = std::size_t{1} << 30U;    // of a pack, in bytes

// The first answer counts: the fetch and the watchdog may end at once.
[[noreturn]] void answer(const Result<std::string>& result) {
    static std::atomic_flag answered = ATOMIC_FLAG_INIT;
    if (answered.test_and_set()) {
        for (;;) ::pause();
    }
    const std::string text = to_text(result);
    std::string_view rest = text;
    while (!rest.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, rest.data(), rest.size());
        if (written <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    // No destructors: the other thread may be anywhere inside libgit2.
    ::_exit(result ? 0 : 1);
}

std::string read_all(int descriptor) {
    std::string text;
    std::array<char, 4096> buffer{};
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
        if (count <= 0 || text.size() > 65'536) return text;
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

void watch(const v1alpha1::GitUrl& url, base::Milliseconds deadline,
           const std::atomic<bool>& locked) {
    std::this_thread::sleep_for(deadline);
    if (locked) answer(fetch_timeout(url, deadline));
    answer(
        Error(Errc::timeout, "another process's fetch of the same repository did not end in time"));
}

void set_limits() {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    git_libgit2_opts(GIT_OPT_SET_PACK_MAX_OBJECT_SIZE, largest_object);
    git_libgit2_opts(GIT_OPT_SET_USER_AGENT, "trueup/" TRUEUP_VERSION);
    ::umask(S_IRWXG | S_IRWXO);
}

Result<void> set_connections(const FetchRequest& request, const v1alpha1::GitUrl& url) {
    ConnectionRules rules;
    rules.authorities = request.credential.authorities;
    if (!authorization_header(request.credential).empty()) {
        rules.host = url.host_name();
        rules.port = effective_port(url);
    }
    return use_connections(std::move(rules));
}

}    // namespace

bool is_git_child(std::string_view first_argument) {
    return first_argument == git_child_argument ||
           (first_argument.starts_with("Enter passphrase for ") && is_passphrase_run());
}

int run_git_child() {
    if (is_passphrase_run()) return run_passphrase();
    ::signal(SIGPIPE, SIG_IGN);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const auto request = parse_request(read_all(STDIN_FILENO));
    if (!request) answer(request.error());
    // The parent may have died before the line above could take effect.
    if (request->parent != ::getppid()) ::_exit(1);
    const auto url = v1alpha1::parse_git_url(request->url);
    if (!url) answer(url.error());
    libgit::init();
    set_limits();
    if (const auto set = set_connections(*request, *url); !set) answer(set.error());
    std::atomic<bool> locked = false;
    const std::thread watchdog([&] { watch(*url, request->deadline, locked); });
    answer(fetch_into_mirror(*request, *url, locked));
}

}    // namespace trueup::source
