// SPDX-License-Identifier: Apache-2.0
// What a real sshd causes has its own suite; these are the cases that it does not.
#include "controller/source/git_ssh_log.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "controller/source/git_ssh_process.hpp"

namespace trueup::source {
namespace {

constexpr std::string_view logged_in = "\nAuthenticated to host ([::1]:22) using \"publickey\".\n";

Error told(const std::string& log) {
    GitCredential credential;
    credential.kind = GitCredential::Kind::ssh_key;
    credential.name = "shop-git";
    credential.private_key = "/key";
    return ssh_error(*v1alpha1::parse_git_url("git@host:team/shop.git"), "git", credential, log);
}

TEST(GitSshLog, Stages) {
    EXPECT_EQ(ssh_stage(""), SshStage::connecting);
    EXPECT_EQ(ssh_stage("debug1: Connection established.\n"), SshStage::connected);
    EXPECT_EQ(ssh_stage("debug1: Remote protocol version 2.0, remote"), SshStage::greeted);
    EXPECT_EQ(ssh_stage(logged_in), SshStage::authenticated);
}

TEST(GitSshLog, WhatServicesSayOfRepositories) {
    for (const char* words : {"ERROR: Repository not found.",
                              "remote: The project you were looking for could not be found",
                              "fatal: '/x' does not appear to be a git repository"}) {
        const Error error = told(std::string(logged_in) + words + "\n");
        EXPECT_EQ(error.code(), Errc::not_found) << words;
        EXPECT_NE(error.message().find(words), std::string::npos) << error.message();
    }
    EXPECT_EQ(told(std::string(logged_in) + "remote: You are not allowed to read\n").code(),
              Errc::denied);
    EXPECT_EQ(told(std::string(logged_in) + "fatal: out of memory\n").code(), Errc::unavailable);
}

TEST(GitSshLog, WhatTheServerSaysIsCutAndCleaned) {
    const Error error =
        told(std::string(logged_in) + "\033[2J\xff" + std::string(100'000, 'x') + "\nmore\n");
    EXPECT_LT(error.message().size(), 1'000U);
    EXPECT_EQ(error.message().find('\033'), std::string::npos);
    EXPECT_EQ(error.message().find('\n'), std::string::npos);
}

TEST(GitSshLog, OtherEnds) {
    EXPECT_EQ(told("No user exists for uid 1234\n").code(), Errc::invalid);
    EXPECT_EQ(told("git@host: Too many authentication failures\n").code(), Errc::denied);
    EXPECT_EQ(told("").code(), Errc::unavailable);
}

// Nobody's configuration, agent or keys, and no word that is read as an option.
TEST(SshCommand, SaysEverythingItself) {
    GitCredential credential;
    credential.private_key = "/keys/100% mine";
    const auto command =
        ssh_command(*v1alpha1::parse_git_url("ssh://git@[::1]:2222/it's!"), "git", credential);
    const auto has = [&](std::string_view word) {
        return std::find(command.begin(), command.end(), word) != command.end();
    };
    EXPECT_EQ(command[1] + command[2], "-Fnone");
    for (const char* word : {"StrictHostKeyChecking=yes", "UpdateHostKeys=no", "IdentityAgent=none",
                             "IdentityFile=\"/keys/100%% mine\"", "UserKnownHostsFile=/dev/null",
                             "PreferredAuthentications=publickey"}) {
        EXPECT_TRUE(has(word)) << word;
    }
    const std::vector<std::string> end(command.end() - 7, command.end());
    EXPECT_EQ(end, (std::vector<std::string>{"-p", "2222", "-l", "git", "--", "::1",
                                             R"(git-upload-pack '/it'\''s'\!'')"}));
    credential.private_key.clear();
    const auto keyless = ssh_command(*v1alpha1::parse_git_url("git@host:x"), "git", credential);
    EXPECT_NE(std::find(keyless.begin(), keyless.end(), "IdentityFile=none"), keyless.end());
}

}    // namespace
}    // namespace trueup::source
