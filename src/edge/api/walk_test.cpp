// SPDX-License-Identifier: Apache-2.0
// Every operation of api/openapi.yaml, with everybody who must not get through, and with people of another
// enterprise. Goes by the contract: a new operation is walked without a word here, unless it has no x-action;
// then it must be said who may use it.
#include <set>

#include "core/access/access.h"
#include "edge/api/testing/contract.h"
#include "edge/api/testing/staffed_node.h"

namespace huoqi::api {
namespace {

// For everybody.
constexpr std::string_view kPublic[] = {"GET /", "GET /openapi.yaml", "GET /checkpoint", "GET /healthz"};
// Guarded by something else than a role: any valid key or session, or what the body holds (log-in, codes).
constexpr std::string_view kWithoutRole[] = {"/v1/policy/articles", "/v1/access:explain", "/v1/session",
                                             "/v1/account", "/v1/enrol"};
// A node has one ledger for all its enterprises, in codes and tokens; who reads it reads all of it.
constexpr std::string_view kOfTheNode[] = {"ledger.read", "metrics.read"};

bool is_public(const Operation& one) { return std::ranges::find(kPublic, one.name()) != std::end(kPublic); }
bool without_role(const Operation& one) {
    return std::ranges::any_of(kWithoutRole, [&](auto prefix) { return one.path.starts_with(prefix); });
}
bool succeeded(int status) { return status >= 200 && status < 300; }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

class Walk : public StaffedNode {
  protected:
    // What there is in main, and what there is nowhere, for each example of the contract.
    struct Stand {
        std::string example, there, nowhere;
    };

    void SetUp() override {
        StaffedNode::SetUp();
        for (const auto& one : operations_of(services_->openapi)) operations_.push_back(one);
        ASSERT_GT(operations_.size(), 30U);
        people::Changes main;
        main.contents.organisations.push_back(
            {"main", "yard-m", "secret-yard", people::OrganisationKind::outlet, "hq", {}});
        main.contents.people.push_back({"main", "victim", "gz-1", "secret-post", "", clock_.now(), {}});
        main.contents.people.push_back({"main", "leaver", "gz-1", "", "", {}, clock_.now()});
        main.contents.grants.push_back(
            {"main", "gr_there", "victim", "sorter", "gz-1", clock_.now(), {}, clock_.now()});
        people::GrantRequest request;
        request.enterprise = "main";
        request.id = "gq_there";
        request.person = "victim";
        request.role = "courier";
        request.organisation = "gz-1";
        request.asked_by = "leaver";
        main.affairs.requests.push_back(request);
        people::Window window;
        window.enterprise = "main";
        window.id = "mw_there";
        window.task = "secret.task";
        window.why = "secret why";
        window.minutes = 10;
        window.asked_by = "victim";
        main.affairs.windows.push_back(window);
        main.affairs.leavings.push_back({"main", "victim", clock_.now(), {}, "leaver", {}, {}, {}});
        keep("main", main);
        token_ = seal("HQ0000000017", "13912340000");
        stands_ = {
            {"1002", "victim", "nobody"},
            {"gz-tianhe-03", "yard-m", "yard-x"},
            {"gun-7", "gun-main", "gun-none"},
            {"gq_bcdfghjklmnpqrstbcdfghjk", "gq_there", "gq_where"},
            {"gr_bcdfghjklmnpqrstbcdfghjk", "gr_there", "gr_where"},
            {"mw_bcdfghjklmnpqrstbcdfghjk", "mw_there", "mw_where"},
            {"13900000000", "13912340000", "13912349999"},
            {"wb_k3v7q2mzxw4nd5ra6tybcfghie", token_, vault_->token({VolumeId{1}, RecordId{4'000'000}})}};
    }

    std::string body_of(const Operation& one, bool there) const {
        if (one.type.empty()) return {};
        std::string body = one.example.empty() ? "{}" : one.example;
        for (const auto& stand : stands_)
            body = replaced(body, stand.example, there ? stand.there : stand.nowhere);
        return body;
    }
    // Path parameters by what their collection holds; those of a new collection are any word.
    std::string target_of(const Operation& one, bool there) const {
        const auto& path = one.path;
        auto id = [&](std::string_view yes, std::string_view no) { return std::string(there ? yes : no); };
        std::string value = id("victim", "nobody");
        if (path.starts_with("/v1/organisations")) value = id("yard-m", "yard-x");
        if (path.starts_with("/v1/devices")) value = id("gun-main", "gun-none");
        if (path.starts_with("/v1/grants")) value = id("gq_there", "gq_where");
        if (path.ends_with(":confirm")) value = id("gr_there", "gr_where");
        if (path.starts_with("/v1/maintenance")) value = id("mw_there", "mw_where");
        if (path.starts_with("/v1/waybills")) value = id(stands_.back().there, stands_.back().nowhere);
        if (path.starts_with("/v1/ledger")) value = id("0", "999999");
        if (path.starts_with("/tile")) value = id("entries/000.p/1", "entries/999.p/1");
        const auto open = path.find('{');
        if (open == std::string::npos) return path;
        return path.substr(0, open) + value + path.substr(path.find('}') + 1);
    }
    static Door door_of(const std::string& listener) {
        if (listener == "public") return open_to_public;
        return listener == "operations" ? operations : business;
    }
    // On every listener that guards it; hash tiles are public, bundles are not there at all.
    template <class F>
    void each(F visit) {
        for (const auto& one : operations_) {
            if (is_public(one)) continue;
            for (const auto& listener : one.listeners) {
                if (listener != "public") visit(one, door_of(listener));
            }
        }
    }
    Answer with_key(const Operation& one, Door door, const std::string& key) {
        return send(door, one.method, target_of(one, true), key, body_of(one, true),
                    one.type.empty() ? "application/json" : one.type);
    }
    Answer as(const LoggedIn& who, const Operation& one, Door door, bool there = true) {
        return call(who, one.method, target_of(one, there), body_of(one, there), door,
                    one.type.empty() ? "application/json" : one.type);
    }
    bool may(const std::string& role, const Operation& one) const {
        const auto policy = policy_->now();
        return std::ranges::any_of(one.actions, [&](const auto& name) {
            const auto action = policy::action_named(name);
            return action && access::may(*policy, role, *action).allowed;
        });
    }
    std::vector<std::string> roles(bool of_programs) const {
        std::vector<std::string> out;
        const auto policy = policy_->now();
        for (const auto& role : policy->roles) {
            if ((role.kind == policy::RoleKind::program) == of_programs) out.push_back(role.name);
        }
        return out;
    }
    // What the caller sent himself, and fresh ids and times, taken out.
    std::string plain(std::string body) const {
        for (const auto& stand : stands_) {
            body = replaced(std::move(body), stand.there, "*");
            body = replaced(std::move(body), stand.nowhere, "*");
        }
        for (std::size_t at = 0; (at = body.find("\"id\":\"mw_", at)) != std::string::npos;) {
            const auto end = body.find('"', at + 6);
            body.erase(at, end - at);
        }
        // The index of the caller's own entry.
        if (body.starts_with("{\"entry\":")) body.erase(0, body.find(','));
        return body;
    }

    std::vector<Operation> operations_;
    std::vector<Stand> stands_;
    std::string token_;
};

TEST_F(Walk, EveryOperationSaysWhoMayUseIt) {
    std::set<std::string> actions;
    for (const auto& one : operations_) {
        EXPECT_FALSE(one.listeners.empty()) << one.name();
        EXPECT_TRUE(!one.actions.empty() || is_public(one) || without_role(one)) << one.name();
        for (const auto& action : one.actions) EXPECT_TRUE(policy::action_named(action)) << one.name();
    }
}

TEST_F(Walk, NobodyGetsThroughWithoutALogInOrWithAnUnknownKey) {
    std::set<std::string> bodies;
    each([&](const Operation& one, Door door) {
        for (const std::string key : {"", "nobody"}) {
            const auto answer = with_key(one, door, key);
            EXPECT_FALSE(succeeded(answer.status)) << one.name();
            if (one.actions.empty()) continue;
            EXPECT_EQ(answer.status, 401) << one.name();
            bodies.insert(answer.body);
        }
    });
    EXPECT_EQ(bodies.size(), 1U);
}

TEST_F(Walk, ASessionThatExpiredOrEndedIsNone) {
    auto expired = somebody("sec", "security_administrator", "hq");
    clock_.advance(11 * kDay / 24);
    auto ended = somebody("aud", "security_auditor", "hq");
    ASSERT_EQ(call(ended, "GET", "/v1/people").status, 200);
    ASSERT_TRUE(accounts_->end_all("main/aud", "test"));
    ++*services_->news;
    const LoggedIn made_up{std::string(kSessionCookie) + "=" + std::string(64, 'a'), "x", ""};
    each([&](const Operation& one, Door door) {
        std::set<std::string> bodies;
        for (const auto& who : {expired, ended, made_up}) {
            const auto answer = as(who, one, door);
            EXPECT_FALSE(succeeded(answer.status)) << one.name();
            if (!one.actions.empty()) {
                EXPECT_EQ(answer.status, 401) << one.name();
            }
            bodies.insert(answer.body);
        }
        EXPECT_EQ(bodies.size(), 1U) << one.name();
    });
}

TEST_F(Walk, ARoleGetsThroughNoDoorThatIsNotItsOwn) {
    for (const auto& role : roles(/*of_programs=*/true)) {
        each([&](const Operation& one, Door door) {
            if (one.actions.empty() || may(role, one)) return;
            EXPECT_EQ(with_key(one, door, role).status, 403) << role << " " << one.name();
        });
    }
    for (const auto& role : roles(/*of_programs=*/false)) {
        auto who = somebody("p-" + role, role, "hq");
        each([&](const Operation& one, Door door) {
            if (one.actions.empty() || may(role, one)) return;
            EXPECT_EQ(as(who, one, door).status, 403) << role << " " << one.name();
        });
    }
}

TEST_F(Walk, NothingIsChangedWithoutTheCsrfToken) {
    for (const auto& role : roles(/*of_programs=*/false)) {
        auto who = somebody("p-" + role, role, "hq");
        who.csrf = "0";
        each([&](const Operation& one, Door door) {
            if (one.method == "GET" || !may(role, one)) return;
            const auto answer = as(who, one, door);
            EXPECT_EQ(answer.status, 403) << one.name();
            EXPECT_EQ(answer.code(), "session.csrf") << one.name();
        });
    }
}

// Whoever he is at home: of what main has he learns nothing, not even that it is there.
TEST_F(Walk, APersonOfAnotherEnterpriseSeesNoDifference) {
    add_person("stranger", "gz-1", "other");
    auto stranger = log_in("stranger", "other");
    each([&](const Operation& one, Door door) {
        if (one.path.starts_with("/v1/session")) return;  // of oneself, and the way out
        const auto there = as(stranger, one, door, true);
        if (!one.actions.empty()) {
            EXPECT_EQ(there.status, 403) << one.name();
        }
        EXPECT_EQ(plain(there.body), plain(as(stranger, one, door, false).body)) << one.name();
    });
    std::size_t compared = 0;
    for (const auto& role : roles(/*of_programs=*/false)) {
        auto who = somebody("o-" + role, role, "hq", "other");
        each([&](const Operation& one, Door door) {
            if (!may(role, one)) return;
            const bool of_the_node = std::ranges::any_of(one.actions, [](const auto& action) {
                return std::ranges::find(kOfTheNode, action) != std::end(kOfTheNode);
            });
            if (of_the_node && one.actions.size() == 1) return;
            const auto there = as(who, one, door, true);
            const auto nowhere = as(who, one, door, false);
            ++compared;
            EXPECT_EQ(there.status, nowhere.status) << role << " " << one.name();
            EXPECT_EQ(plain(there.body), plain(nowhere.body)) << role << " " << one.name();
            for (const auto* secret : {"main-", "secret", "13912340000", "1391234"})
                EXPECT_EQ(there.body.find(secret), std::string::npos) << role << " " << one.name();
        });
    }
    EXPECT_GT(compared, 20U);
}

}  // namespace
}  // namespace huoqi::api
