// From the name that is imported to the name of the distribution on PyPI that brings it.

/** PEP 503. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, "-");
}

/** Only where the two differ by more than PEP 503's spelling. Dotted keys are tried from the longest. */
const known: Readonly<Record<string, string>> = {
  attr: "attrs",
  apt_pkg: "python-apt",
  bs4: "beautifulsoup4",
  Bio: "biopython",
  cairo: "pycairo",
  can: "python-can",
  Crypto: "pycryptodome",
  Cryptodome: "pycryptodomex",
  cv2: "opencv-python",
  dateutil: "python-dateutil",
  dbus: "dbus-python",
  decouple: "python-decouple",
  discord: "discord-py",
  dns: "dnspython",
  docx: "python-docx",
  dotenv: "python-dotenv",
  elftools: "pyelftools",
  engineio: "python-engineio",
  faiss: "faiss-cpu",
  fitz: "pymupdf",
  flask_cors: "flask-cors",
  git: "gitpython",
  gi: "pygobject",
  gitlab: "python-gitlab",
  github: "pygithub",
  google: "google",
  "google.api_core": "google-api-core",
  "google.auth": "google-auth",
  "google.genai": "google-genai",
  "google.generativeai": "google-generativeai",
  "google.oauth2": "google-auth",
  "google.protobuf": "protobuf",
  "google.rpc": "googleapis-common-protos",
  googleapiclient: "google-api-python-client",
  grpc: "grpcio",
  grpc_health: "grpcio-health-checking",
  grpc_reflection: "grpcio-reflection",
  grpc_tools: "grpcio-tools",
  igraph: "python-igraph",
  jose: "python-jose",
  jwt: "pyjwt",
  kafka: "kafka-python",
  ldap: "python-ldap",
  levenshtein: "levenshtein",
  lxml_html_clean: "lxml-html-clean",
  magic: "python-magic",
  markdown_it: "markdown-it-py",
  memcache: "python-memcached",
  mpl_toolkits: "matplotlib",
  multipart: "python-multipart",
  MySQLdb: "mysqlclient",
  nacl: "pynacl",
  OpenGL: "pyopengl",
  OpenSSL: "pyopenssl",
  opentelemetry: "opentelemetry-api",
  "opentelemetry.sdk": "opentelemetry-sdk",
  PIL: "pillow",
  pkg_resources: "setuptools",
  pptx: "python-pptx",
  psycopg2: "psycopg2",
  pvlib: "pvlib",
  pwn: "pwntools",
  pylab: "matplotlib",
  pymysql: "pymysql",
  pythoncom: "pywin32",
  pywintypes: "pywin32",
  rest_framework: "djangorestframework",
  ruamel: "ruamel-yaml",
  scipy_openblas64: "scipy",
  serial: "pyserial",
  skimage: "scikit-image",
  sklearn: "scikit-learn",
  slugify: "python-slugify",
  snappy: "python-snappy",
  socketio: "python-socketio",
  socks: "pysocks",
  speech_recognition: "speechrecognition",
  tabulate: "tabulate",
  telegram: "python-telegram-bot",
  umap: "umap-learn",
  usb: "pyusb",
  websocket: "websocket-client",
  win32api: "pywin32",
  win32com: "pywin32",
  win32con: "pywin32",
  win32file: "pywin32",
  win32gui: "pywin32",
  wx: "wxpython",
  xdist: "pytest-xdist",
  yaml: "pyyaml",
  zmq: "pyzmq",
};

/** Namespaces shared by many distributions, each named after the parts of its module. */
const namespaces: Readonly<Record<string, number>> = {
  "google.cloud": 3,
  azure: 3,
  zope: 2,
  ruamel: 2,
  backports: 2,
  jaraco: 2,
  sphinxcontrib: 2,
  "opentelemetry.instrumentation": 3,
  "opentelemetry.exporter": 3,
  "azure.mgmt": 3,
  "airflow.providers": 3,
};

const prefixes: Readonly<Record<string, string>> = { "airflow.providers": "apache-airflow-providers" };

export function distributionOf(module: string): string {
  const parts = module.split(".");
  for (let length = Math.min(parts.length, 2); length > 0; length--) {
    const prefix = parts.slice(0, length).join(".");
    const depth = namespaces[prefix];
    if (depth !== undefined && parts.length >= Math.min(depth, length + 1)) {
      const rest = parts.slice(length, depth);
      if (rest.length > 0) return normaliseName([prefixes[prefix] ?? prefix, ...rest].join("-"));
    }
    const distribution = Object.hasOwn(known, prefix) ? known[prefix] : undefined;
    if (distribution !== undefined) return distribution;
  }
  // A private top-level module (`_pytest`) ships with the distribution of the public one.
  return normaliseName((parts[0] ?? module).replace(/^_+(?=.)/, ""));
}
