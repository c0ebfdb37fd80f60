// SPDX-License-Identifier: Apache-2.0
// The `ssh` program as a connection to git-upload-pack. It and not libssh2, because libssh2 1.10 of
// Debian 12 knows RSA keys with SHA-1 only, which servers refuse since OpenSSH 8.8 (its users' RSA
// keys crash it), and because known_hosts has rules (hashed names, @revoked, @cert-authority,
// ports, the choice of the key type that is known) that are OpenSSH's own.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/v1alpha1/git_url.hpp"
#include "controller/base/result.hpp"
#include "controller/source/git_credential.hpp"
#include "controller/source/git_ssh_log.hpp"

namespace trueup::source {

// ssh's whole command line. Nobody's configuration, agent or default keys; no password, no terminal;
// a host key that is not known is refused. `user` as chosen by ssh_user().
std::vector<std::string> ssh_command(const v1alpha1::GitUrl& url, const std::string& user,
                                     const GitCredential& credential);

// The url's user, else the credential's; Errc::invalid when neither names one.
Result<std::string> ssh_user(const v1alpha1::GitUrl& url, const GitCredential& credential);

class SshProcess {
public:
    // Errors: invalid (no user), denied (key or known_hosts cannot be read), unavailable (ssh is not
    // installed or cannot be started).
    static Result<std::unique_ptr<SshProcess>> start(const v1alpha1::GitUrl& url,
                                                     const GitCredential& credential);
    ~SshProcess();
    SshProcess(const SshProcess&) = delete;
    SshProcess& operator=(const SshProcess&) = delete;

    // At least one byte of the server's; 0 when it has no more to say: ssh has then ended.
    std::size_t read(char* bytes, std::size_t size);
    // All of it; false when ssh has ended.
    bool write(std::string_view bytes);

    // Whether it ended, and not well.
    bool failed() const { return ended_ && status_ != 0; }
    const std::string& log() const { return log_; }

private:
    SshProcess(int id, int input, int output, int log);
    // Waits for one of `wanted` (poll's events of the two pipes) and takes what ssh has logged.
    bool wait(short wanted_input, short wanted_output);
    void take_log();
    void finish();

    int id_;
    int input_;
    int output_;
    int log_end_;
    std::string log_;
    bool ended_ = false;
    int status_ = 0;
};

// What this process's last ssh has reached, for the watchdog's thread.
SshStage current_ssh_stage();

// ssh runs this very program, with a prompt as its argument, to be told a passphrase. Whether this
// is such a run, by its environment; and its whole life.
bool is_passphrase_run();
int run_passphrase();

}    // namespace trueup::source
