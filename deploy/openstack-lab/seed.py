#!/usr/bin/env python3
"""Fill the lab, or put it back to a clean state.

usage: seed.py base        users, catalogue, clouds.yaml, flavors, images, networks (up.sh does this)
       seed.py wait N      until N compute services are up (up.sh does this)
       seed.py servers     bring up the servers of the seed that are missing, and wait until all are ACTIVE
       seed.py reset       delete all servers, faults, server groups and aggregates; make every host usable again

LAB names the lab's directory, LAB_SEED another file than seed.yaml.  Everything may be repeated.
"""

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
LAB = Path(os.environ.get("LAB", Path.home() / ".cache/fermata/openstack-lab"))

try:
    import yaml
    from keystoneauth1 import adapter, exceptions, session
    from keystoneauth1.identity import v3
except ImportError:
    venv = LAB / "venv"
    if Path(sys.prefix).resolve() == venv.resolve() or not (venv / "bin/python").exists():
        sys.exit(f"no lab at {LAB}: run up.sh first")
    os.execv(venv / "bin/python", [str(venv / "bin/python"), *sys.argv])

ROLES_OF_SERVICES = ("admin", "service")
DEADLINE = 120
ENDED_MIGRATIONS = ("done", "completed", "confirmed", "reverted", "cancelled", "failed", "error")


def lab_env():
    try:
        lines = (LAB / "lab.env").read_text().splitlines()
    except OSError:
        sys.exit(f"no lab at {LAB}: run up.sh first")
    return dict(line.removeprefix("export ").split("=", 1) for line in lines)


ENV = lab_env()
SEED = yaml.safe_load(Path(os.environ.get("LAB_SEED", HERE / "seed.yaml")).read_text())
CATALOGUE = {
    "compute": ("nova", ENV["NOVA_URL"]),
    "placement": ("placement", ENV["PLACEMENT_URL"]),
    "image": ("glance", ENV["GLANCE_URL"]),
    "network": ("neutron", ENV["NEUTRON_URL"]),
}


class Cloud:
    """The APIs as seen by one user in one project."""

    def __init__(self, user="admin", project="admin"):
        self.session = session.Session(
            v3.Password(
                ENV["KEYSTONE_URL"],
                username=user,
                password=ENV["LAB_PASSWORD"],
                project_name=project,
                user_domain_id="default",
                project_domain_id="default",
            )
        )
        # Keystone's catalogue entry does not exist before it is bootstrapped with our own address, so name it here.
        self.identity = self.api(ENV["KEYSTONE_URL"])
        self.compute = self.api(ENV["NOVA_URL"], service_type="compute", default_microversion="2.96")
        self.image = self.api(ENV["GLANCE_URL"] + "/v2")
        self.network = self.api(ENV["NEUTRON_URL"] + "/v2.0")
        self.placement = self.api(ENV["PLACEMENT_URL"], service_type="placement", default_microversion="1.39")

    def api(self, url, **options):
        return adapter.Adapter(self.session, endpoint_override=url, **options)


def get(api, path, key, **query):
    return api.get(path, params=query).json()[key]


def find_or_create(api, path, plural, singular, body, **query):
    """The first thing of that name, made from body if there is none."""
    found = [x for x in get(api, path, plural, **query) if x["name"] == body["name"]]
    return found[0] if found else api.post(path, json={singular: body}).json()[singular]


def at_once(work, items):
    """Call work for all items in parallel; the first exception is raised."""
    with ThreadPoolExecutor(12) as pool:
        return list(pool.map(work, items))


def poll(what, condition, seconds=DEADLINE, pause=0.2):
    end = time.monotonic() + seconds
    while True:
        left = condition()
        if not left:
            return
        if time.monotonic() > end:
            sys.exit(f"gave up after {seconds} s: {what}: {left}")
        time.sleep(pause)


# ---- base


def base():
    admin = Cloud()
    identity(admin)
    for flavor in SEED["flavors"]:
        find_or_create(admin.compute, "/flavors", "flavors", "flavor", flavor)
    for name in SEED["images"]:
        image(admin, name)
    for project in SEED["projects"]:
        network(project)


def identity(admin):
    api = admin.identity
    roles = {r["name"]: r["id"] for r in get(api, "/roles", "roles")}

    def project(name):
        return find_or_create(api, "/projects", "projects", "project", {"name": name, "domain_id": "default"})

    def user(name):
        body = {"name": name, "password": ENV["LAB_PASSWORD"], "domain_id": "default"}
        return find_or_create(api, "/users", "users", "user", body)

    def grant(project, user, role):
        api.put(f"/projects/{project['id']}/users/{user['id']}/roles/{roles[role]}")

    for service_type, (name, url) in CATALOGUE.items():
        for role in ROLES_OF_SERVICES:
            grant(project("service"), user(name), role)
        body = {"name": name, "type": service_type}
        service = find_or_create(api, "/services", "services", "service", body)
        there = {e["interface"] for e in get(api, "/endpoints", "endpoints", service_id=service["id"])}
        for interface in {"public", "internal", "admin"} - there:
            body = {"service_id": service["id"], "interface": interface, "url": url, "region_id": "RegionOne"}
            api.post("/endpoints", json={"endpoint": body})

    clouds = {"admin": by_password("admin", "admin"), "app-admin": by_credential("admin", "admin")}
    for tenant in SEED["projects"]:
        name, short = tenant["name"], tenant["short"]
        grant(project(name), user(name), "member")
        # Makes it possible to boot a tenant's server on a chosen host, which only an admin may.
        grant(project(name), user("admin"), "admin")
        clouds[name] = by_password(name, name)
        clouds[f"admin-{short}"] = by_password("admin", name)
        clouds[f"app-{short}"] = by_credential(name, "member")
    save("clouds.yaml", yaml.safe_dump({"clouds": clouds}))


def save(name, text):
    new = LAB / f"{name}.new"
    new.touch(mode=0o600)
    new.write_text(text)
    new.rename(LAB / name)


def by_password(user, project):
    return {
        "region_name": "RegionOne",
        "identity_api_version": 3,
        "auth": {
            "auth_url": ENV["KEYSTONE_URL"],
            "username": user,
            "password": ENV["LAB_PASSWORD"],
            "project_name": project,
            "user_domain_name": "Default",
            "project_domain_name": "Default",
        },
    }


def by_credential(user, role):
    """A cloud with an application credential in the project of the user's own name."""
    # Keystone tells a secret only once.
    path = LAB / "application-credentials.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    owner = Cloud(user, user)
    url = f"/users/{owner.session.get_user_id()}/application_credentials"
    there = {c["id"]: c for c in get(owner.identity, url, "application_credentials") if c["name"] == "lab"}
    if kept.get(user, {}).get("id") not in there:
        for stale in there:
            owner.identity.delete(f"{url}/{stale}")
        body = {"name": "lab", "roles": [{"name": role}]}
        made = owner.identity.post(url, json={"application_credential": body}).json()["application_credential"]
        kept[user] = {"id": made["id"], "secret": made["secret"]}
        save(path.name, json.dumps(kept))
    return {
        "region_name": "RegionOne",
        "identity_api_version": 3,
        "auth_type": "v3applicationcredential",
        "auth": {
            "auth_url": ENV["KEYSTONE_URL"],
            "application_credential_id": kept[user]["id"],
            "application_credential_secret": kept[user]["secret"],
        },
    }


def image(admin, name):
    if get(admin.image, "/images", "images", name=name, status="active"):
        return
    body = {"name": name, "disk_format": "raw", "container_format": "bare", "visibility": "public"}
    made = admin.image.post("/images", json=body).json()
    admin.image.put(
        f"/images/{made['id']}/file", data=b"\0" * 1024, headers={"Content-Type": "application/octet-stream"}
    )


def network(project):
    api = Cloud(project["name"], project["name"]).network
    wanted = project["network"]
    net = find_or_create(api, "/networks", "networks", "network", {"name": wanted["name"]})
    body = {
        "name": wanted["name"],
        "network_id": net["id"],
        "ip_version": 4,
        "cidr": wanted["cidr"],
        "enable_dhcp": False,
    }
    find_or_create(api, "/subnets", "subnets", "subnet", body)


# ---- hosts


def services(admin):
    return get(admin.compute, "/os-services", "services", binary="nova-compute")


def wait(count):
    admin = Cloud()
    # The first request to a fresh Neutron must not be Nova's filtered list of ports, which then fails for ever
    # with an AttributeError on Port, because the mappers are not yet configured.
    get(admin.network, "/networks", "networks")

    def missing():
        # A host that someone has forced down is as it should be.
        forced = {s["host"] for s in services(admin) if s["forced_down"]}
        up = {s["host"] for s in services(admin) if s["state"] == "up"}
        known = {h["hypervisor_hostname"] for h in get(admin.compute, "/os-hypervisors", "hypervisors")}
        return max(count - len((up | forced) & known), 0)

    poll("compute services still missing", missing)


# ---- servers


def all_servers(admin, fields="/detail"):
    return get(admin.compute, f"/servers{fields}", "servers", all_tenants=1)


def servers():
    """Bring up the servers of the seed that are missing."""
    admin = Cloud()
    flavors = {f["name"]: f["id"] for f in get(admin.compute, "/flavors", "flavors")}
    there = {(s["tenant_id"], s["name"]): s for s in all_servers(admin)}
    image_id = get(admin.image, "/images", "images", name=SEED["images"][0])[0]["id"]
    ids = {p["name"]: p["id"] for p in get(admin.identity, "/projects", "projects")}
    wanted = []

    def boot(job):
        api, body = job
        return api.post("/servers", json={"server": body}).json()["server"]["id"]

    jobs = []
    for project in SEED["projects"]:
        name = project["name"]
        missing = []
        for server in project["servers"]:
            found = there.get((ids[name], server["name"]))
            if found:
                wanted.append(found["id"])
            else:
                missing.append(server)
        if not missing:
            continue
        tenant, operator = Cloud(name, name), Cloud("admin", name)
        net = get(tenant.network, "/networks", "networks", name=project["network"]["name"])[0]["id"]
        for server in missing:
            body = {
                "name": server["name"],
                "flavorRef": flavors[server["flavor"]],
                "imageRef": server.get("image") or image_id,
                "networks": [{"uuid": net}],
            }
            if "host" in server:
                body["host"] = server["host"]
            jobs.append(((operator if "host" in server else tenant).compute, body))
    wanted += at_once(boot, jobs)

    def unfinished():
        now = {s["id"]: s for s in all_servers(admin)}
        broken = [f"{now[i]['name']}: {now[i].get('fault', {}).get('message')}" for i in wanted
                  if i in now and now[i]["status"] == "ERROR"]
        if broken:
            sys.exit("servers in ERROR (seed.py reset clears them): " + "; ".join(broken))
        return [i for i in wanted if now.get(i, {}).get("status") != "ACTIVE"]

    poll("servers not ACTIVE", unfinished)
    print(f"{len(wanted)} servers are ACTIVE, {len(jobs)} of them new")


# ---- reset


def reset():
    admin = Cloud()
    for fault in (LAB / "ctl").glob("*.json"):
        fault.unlink()
    # Nova does not take back forced_down while an evacuation is 'done' and not 'completed'.  The agent completes it
    # when it is restarted, but no one does any more when the server is deleted first.
    end_migrations("completed", "status = 'done' AND migration_type = 'evacuation'")
    at_once(lambda service: enable(admin, service), services(admin))
    revive_hosts()
    delete_servers(admin)
    # Those whose server is gone would be listed as in progress for ever.
    end_migrations("error", f"status NOT IN {ENDED_MIGRATIONS}")
    delete_groups(admin)
    delete_allocations(admin)
    count = int((LAB / "hosts").read_text())
    wait(count)
    print(f"no servers, {count} hosts up")


def end_migrations(status, condition):
    # Nova's API has no call for it.
    import pymysql

    database = pymysql.connect(
        unix_socket=str(LAB / "run/mariadb.sock"), user="root", database="nova_cell1", autocommit=True
    )
    with database, database.cursor() as cursor:
        cursor.execute(f"UPDATE migrations SET status = '{status}' WHERE {condition}")


def enable(admin, service):
    if service["forced_down"]:
        admin.compute.put(f"/os-services/{service['id']}", json={"forced_down": False})
    if service["status"] != "enabled":
        admin.compute.put(f"/os-services/{service['id']}", json={"status": "enabled"})


def revive_hosts():
    """Thaw frozen compute services and start dead ones."""
    dead = False
    for number in range(1, int((LAB / "hosts").read_text()) + 1):
        record = LAB / "run" / f"nova-compute{number:02d}"
        try:
            pid = int(record.with_suffix(".pid").read_text())
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            if stat[0] == "Z" or stat[19] != record.with_suffix(".born").read_text().strip():
                raise OSError
        except OSError:
            dead = True
            continue
        if stat[0] == "T":
            os.kill(pid, signal.SIGCONT)
    if dead:
        hosts = (LAB / "hosts").read_text().strip()
        subprocess.run([HERE / "up.sh", hosts], env={**os.environ, **ENV, "LAB_SERVERS": "0"}, check=True)


def delete_servers(admin):
    asked = {}

    def delete(server_id):
        try:
            # A server whose delete got lost stays in task state "deleting" and has to be asked once more.
            if server_id in asked:
                admin.compute.post(f"/servers/{server_id}/action", json={"os-resetState": {"state": "error"}})
            admin.compute.delete(f"/servers/{server_id}")
        except exceptions.NotFound:
            pass
        except (exceptions.Conflict, exceptions.InternalServerError):
            # It is going just now; the next look asks again if it has not gone.
            return
        asked[server_id] = time.monotonic()

    def remaining():
        there = [s["id"] for s in all_servers(admin, "")]
        at_once(delete, [i for i in there if time.monotonic() - asked.get(i, -10) >= 10])
        return there

    poll("servers not deleted", remaining)


def delete_groups(admin):
    for group in get(admin.compute, "/os-server-groups", "server_groups", all_projects=1):
        admin.compute.delete(f"/os-server-groups/{group['id']}")
    for aggregate in get(admin.compute, "/os-aggregates", "aggregates"):
        for host in aggregate["hosts"]:
            action = {"remove_host": {"host": host}}
            admin.compute.post(f"/os-aggregates/{aggregate['id']}/action", json=action)
        admin.compute.delete(f"/os-aggregates/{aggregate['id']}")


def delete_allocations(admin):
    """Give back what moves cut short by their server's deletion still hold."""

    def clear(provider):
        path = f"/resource_providers/{provider['uuid']}/allocations"
        for consumer in get(admin.placement, path, "allocations"):
            try:
                admin.placement.delete(f"/allocations/{consumer}")
            except exceptions.NotFound:
                pass

    at_once(clear, get(admin.placement, "/resource_providers", "resource_providers"))


def main(arguments):
    match arguments:
        case ["base"]:
            base()
        case ["wait", count]:
            wait(int(count))
        case ["servers"]:
            servers()
        case ["reset"]:
            reset()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
