// SPDX-License-Identifier: Apache-2.0
// The controller's API, asked over HTTP by the verbs.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <string>

#include "controller/base/task.hpp"
#include "controller/base/task_group.hpp"
#include "controller/engine/transport.hpp"

namespace trueup::cli {

class Client {
public:
    // `server`: http://127.0.0.1:9180
    static Result<Client> make(Executor executor, std::string server);

    // Below /apis/trueup.dev/v1alpha1: "/stacks/shop". Errors: not_found, conflict, invalid, denied
    // as the API says, unavailable when nothing of ours answers. A stack that is not there is told with
    // those that are like it.
    Task<boost::json::value> get(std::string path);
    // Says who asks; `deadline` for the whole answer. A warning of the API is in `warning`.
    Task<boost::json::value> post(std::string path, boost::json::object body,
                                  Milliseconds deadline);
    const std::string& warning() const { return warning_; }

private:
    Client(std::string server, std::unique_ptr<engine::Transport> transport);
    Task<boost::json::value> ask(engine::HttpRequest request, Milliseconds deadline);
    Task<std::string> explain_missing(std::string stack);

    std::string server_;
    std::unique_ptr<engine::Transport> transport_;
    std::string warning_;
};

// A verb that asks the controller. Runs it on a loop of its own; prints the error, if there is one.
// The exit code.
using Conversation = std::function<Task<int>(Client& client, TaskGroup& tasks)>;
int converse(const std::string& server, Conversation conversation);

// Who is at the keyboard, as far as the machine knows: "ana@desk", through sudo "ana@desk (sudo)".
std::string local_person();

// "/stacks/NAME" with what follows.
std::string stack_path(const std::string& stack, const std::string& rest = "");

}    // namespace trueup::cli
