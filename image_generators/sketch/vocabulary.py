"""The words the sketcher knows, in several languages, as plain tables. Decides nothing (scene_words.py does)."""

from __future__ import annotations

PLACES = {
    "underwater": "underwater seabed reef coral undersea ocean_floor unterwasser korallenriff 水下 海底 submarino sous-marin",
    "space": "space planet orbit galaxy cosmos spaceship spacecraft nebula asteroid starship weltraum weltall 太空 宇宙 星球"
             " espacio espace mars moonbase",
    "station": "station platform railway bahnhof bahnsteig 车站 火车站 estación gare quai",
    "deck": "deck quarterdeck foredeck helm crow's_nest shipboard on_board aboard 甲板 cubierta",
    "cave": "cave cavern grotto tunnel mine höhle 洞穴 山洞 cueva grotte caverne",
    "room": "room kitchen fireplace hearth kamin armchair interior bedroom library living_room parlor parlour study"
            " office studio workshop attic cabin_interior indoors hall café cafe bakery shop tavern inn house_interior"
            " classroom laboratory lab museum zimmer küche wohnzimmer bibliothek 房间 厨房 室内 habitación cocina chambre"
            " cuisine",
    "city": "city street downtown alley skyline avenue metropolis rooftop urban skyscraper boulevard market stadt straße"
            " strasse gasse 城市 街道 街 都市 ciudad calle ville rue tokyo york london paris",
    "village": "village town hamlet farmhouse cottages dorf 村庄 村 pueblo aldea",
    "coast": "coast beach shore harbour harbor cliff cliffs pier bay lighthouse island seaside dock port quay küste"
             " strand hafen leuchtturm klippe insel 海滩 海岸 港口 灯塔 playa costa puerto faro plage côte phare île",
    "sea": "sea ocean waves sail sailing boat raft ship meer ozean see_voyage 海 大海 海洋 mar océano mer océan",
    "lake": "lake river pond stream waterfall lagoon shoreline riverbank brook bridge fluss bach teich 湖 河 江 lago río"
            " rivière fleuve lac",
    "snow": "snow arctic tundra glacier iceberg ice antarctic polar frozen blizzard schnee gletscher 雪 雪地 冰 nieve neige"
            " glace hielo",
    "mountains": "mountain mountains peak peaks summit alps alpine valley pass ridge canyon berg berge gebirge tal 山 高山"
                 " 山脉 montaña montañas montagne montagnes",
    "desert": "desert dune dunes sahara oasis sand wüste 沙漠 desierto désert",
    "forest": "forest woods wood jungle woodland trees grove wald 森林 树林 bosque selva forêt bois",
    "garden": "garden park orchard courtyard greenhouse playground garten 花园 公园 jardín parque jardin parc",
    "ruins": "ruins ruin temple ancient columns abandoned_city pyramid ruine tempel 废墟 遗迹 神庙 ruinas templo ruines",
    "road": "road highway path trail lane track landstraße weg 公路 道路 路 carretera camino route chemin",
    "sky": "sky clouds airship flying balloon airplane himmel wolken 天空 云 cielo nubes ciel nuages",
    "field": "field meadow hill hills prairie grass farm plain pasture countryside steppe savanna feld wiese hügel 草地 田野"
             " 草原 campo prado champ prairie colline",
}

TIMES = {
    "dawn": "dawn sunrise daybreak first_light early_morning morgendämmerung sonnenaufgang lever_du_soleil 黎明 日出 清晨"
            " amanecer alba aube aurore",
    "golden": "golden_hour golden late_afternoon sunlit_evening abendlicht 黄昏时分 heure_dorée hora_dorada",
    "dusk": "dusk sunset twilight evening nightfall sundown abend dämmerung abenddämmerung sonnenuntergang 黄昏 日落 傍晚"
            " atardecer anochecer crépuscule crepúsculo coucher_du_soleil soir 晚上",
    "night": "night midnight moonlight moonlit starlight nighttime starry nacht mitternacht 夜 夜晚 午夜 noche medianoche nuit"
             " minuit",
    "noon": "noon midday noonday mittag 中午 正午 mediodía midi",
    "morning": "morning morgen 早晨 早上 上午 mañana matin",
    "day": "day daylight afternoon daytime sunny tag nachmittag 白天 下午 día tarde jour",
}

WEATHERS = {
    "storm": "storm stormy thunder lightning tempest hurricane thunderstorm gewitter sturm 暴风雨 雷 tormenta orage tempête",
    "rain": "rain rainy raining drizzle downpour wet umbrella regen regnet 雨 下雨 lluvia llueve pluie",
    "snowfall": "snowfall snowing snows blizzard falling_snow snowflake snowflakes schneit schneefall 下雪 nevando neige",
    "fog": "fog foggy mist misty haze hazy nebel 雾 薄雾 niebla bruma brouillard brume",
    "wind": "wind windy breeze gust gale stürmisch 风 viento vent",
    "cloudy": "cloudy overcast grey_sky gray_sky bewölkt 多云 阴天 nublado nuageux bedecktem temps_couvert",
    "clear": "clear cloudless 晴 despejado klar klarem temps_clair",
}

MOODS = {
    "gloomy": "sad lonely gloomy grim dark melancholy sorrow despair grief fear afraid ominous traurig einsam 悲伤 triste",
    "warm": "happy joy joyful warm cheerful love hope hopeful laugh laughs smile smiles cozy home freude froh 快乐 feliz"
            " heureux",
    "magic": "magic magical dream dreamlike enchanted mystic glowing fairy wonder mysterious zauber 魔法 magia magie",
}

ACTIONS = {
    "fly": "fly flies flying soar soars float floats floating hover drifts drift glide glides fliegt 飞 vuela vole",
    "swim": "swim swims swimming dive dives diving schwimmt 游泳 nada nage",
    "run": "run runs running chase chases chasing hurry hurries race races sprint sprints gallop gallops flees flee"
           " dashes trots rennt läuft 跑 corre court",
    "kneel": "kneel kneels kneeling crouch crouches crouching ties tying digs digging picks plants gathers kniet 跪 蹲",
    "steer": "grips steers steering steer",
    "strike": "strikes lights_a lights_the lights_her lights_his ignites kindles 点燃 点亮",
    "climb": "climb climbs climbing steigt klettert 爬 登上 sube monte",
    "sit": "sit sits sitting sat rest rests resting fish fishing rows rowing sitzt 坐 sentado assis",
    "wave": "wave waves waving greets calls calling raises lifts holds_up points pointing reaches winkt 挥手 saluda",
    "look": "look looks looking watch watches watching gaze gazes gazing stares sees see overlooks waits waiting searches"
            " seeks schaut blickt 看 望 mira regarde",
    "walk": "walk walks walking wander wanders comes_closer comes_towards comes_to cross carry carries step steps travel"
            " travels crosses follow follows stroll strolls march marches returns leaves enters heads journey rides"
            " riding trudges hike hikes moves plods geht 走 穿过 camina marche",
    "lie": "sleep sleeps sleeping asleep schläft 睡 duerme dort",
    "stand": "stand stands standing stops halts steht 站 停",
}

PROPS = {
    "snowy": "snowy snow-covered snowfield snowdrifts verschneit verschneite verschneiten 雪 nevado enneigé",
    "lighthouse": "lighthouse leuchtturm 灯塔 faro phare",
    "sailboat": "sailboat yacht sail sails sailing segelboot 帆船 velero voilier",
    "boat": "boat rowboat canoe dinghy raft kayak boot 船 小船 barco bote barque bateau",
    "ship": "ship steamer ferry vessel galleon schiff 轮船 buque navire",
    "house": "house home cottage hut cabin barn farmhouse haus hütte 房子 小屋 casa maison cabane",
    "castle": "castle fortress palace schloss burg 城堡 castillo château",
    "bridge": "bridge brücke 桥 puente pont",
    "tree": "tree oak baum 树 árbol arbre",
    "campfire": "campfire bonfire lagerfeuer 篝火 fogata feu_de_camp fire",
    "train": "train locomotive zug 火车 tren",
    "car": "car automobile taxi auto 汽车 coche voiture van truck",
    "tent": "tent zelt 帐篷 tienda tente",
    "balloon": "balloon airship ballon 气球 globo montgolfière",
    "rocket": "rocket spaceship spacecraft starship rakete 火箭 飞船 cohete fusée",
    "windmill": "windmill mill windmühle 风车 molino moulin",
    "bench": "bench bank_seat 长椅 banco banc",
    "lamp": "streetlamp streetlight lamppost street_lamp lamps laterne 路灯 farola lampadaire",
    "tower": "tower belfry clocktower turm 塔 torre tour",
    "church": "church chapel cathedral steeple kirche 教堂 iglesia église",
    "palm": "palm palms oasis palme 棕榈",
    "pier": "pier dock jetty harbour harbor wharf quay steg 码头 muelle",
    "gulls": "gull gulls seagull seagulls birds flock geese crows möwen 海鸥 gaviotas mouettes",
    "well": "well fountain brunnen 井 fuente puits",
    "fence": "fence gate zaun 栅栏 valla clôture",
    "flowers": "flower flowers sunflowers poppies roses blossoms blumen 花 flores fleurs",
    "kite": "kite drachen_kite 风筝 cometa",
    "bicycle": "bicycle bike fahrrad 自行车 bicicleta vélo",
    "table": "table desk tisch 桌子 mesa",
    "rocks": "rock rocks boulder boulders stones felsen 岩石 rocas rochers",
    "ringed": "ringed rings saturn",
    "aurora": "aurora northern_lights polarlicht 极光",
    "rainbow": "rainbow regenbogen 彩虹 arcoíris",
    "iceberg": "iceberg eisberg 冰山",
    "cliff": "cliff cliffs klippe 悬崖 acantilado falaise",
    "kitchen": "kitchen baking cooking bakery bakes cooks küche 厨房 cocina cuisine",
    "library": "library books bookshelf study bibliothek 图书馆 biblioteca bibliothèque",
    "fireplace": "fireplace hearth kamin 壁炉",
    "autumn": "autumn fall_colours autumnal herbst 秋 otoño automne",
    "blossom": "cherry blossom sakura spring frühling 樱花 春",
    "pines": "pine pines fir firs spruce conifers kiefern 松",
    "neon": "neon cyberpunk futuristic",
    "island": "island insel 岛 isla île",
}

KINDS = {
    "child": "child boy girl kid toddler kids children son daughter kind junge mädchen 孩子 男孩 女孩 niño niña enfant garçon"
             " fille",
    "woman": "woman lady mother queen princess she wife sister aunt actress waitress witch frau mutter königin 女人 妈妈"
             " mujer femme mère",
    "granny": "grandmother grandma granny old_woman oma großmutter 奶奶 abuela grand-mère",
    "elder": "old_man grandfather grandpa elder wizard hermit old elderly opa großvater 老人 爷爷 abuelo vieux",
    "man": "man he father king prince captain sailor knight detective farmer pilot traveller traveler travellers stranger"
           " soldier keeper fisherman friend explorer climber wanderer pirate artist teacher doctor student worker nomad"
           " shepherd boatman stranger baker guard driver hunter monk person people figure hiker musician scientist"
           " merchant mann vater 男人 hombre homme père",
    "astronaut": "astronaut cosmonaut spaceman astronautin 宇航员 astronauta astronaute",
    "robot": "robot android machine droid roboter 机器人",
    "dog": "dog puppy hound terrier hund 狗 perro chien",
    "cat": "cat kitten katze 猫 gato chat",
    "fox": "fox fuchs 狐狸 zorro renard",
    "wolf": "wolf wolves 狼 lobo loup",
    "bear": "bear bär 熊 oso ours",
    "deer": "deer stag doe fawn elk reindeer hirsch reh 鹿 ciervo cerf",
    "horse": "horse pony mare stallion unicorn pferd 马 caballo cheval",
    "camel": "camel camels kamel 骆驼 camello chameau",
    "rabbit": "rabbit hare bunny hase 兔子 conejo lapin",
    "sheep": "sheep lamb goat schaf 羊 oveja mouton",
    "cow": "cow bull ox kuh 牛 vaca vache",
    "elephant": "elephant elefant 大象 elefante éléphant",
    "lion": "lion tiger löwe 狮子 老虎 león",
    "bird": "bird owl crow raven eagle hawk sparrow parrot dove heron stork seagull gull falcon vogel 鸟 pájaro oiseau",
    "whale": "whale orca wal 鲸鱼 ballena baleine",
    "fish": "fish shark dolphin fisch 鱼 pez poisson",
    "dragon": "dragon 龙 dragón",
    "penguin": "penguin pinguin 企鹅 pingüino pingouin",
    "mouse": "mouse rat squirrel hedgehog maus 老鼠 ratón souris",
}

COLOURS = {
    "red": ("#c0322b", "red scarlet crimson rot rote roten roter rotem 红 红色 rojo roja rouge"),
    "orange": ("#d9772b", "orange amber rust orangefarben 橙 naranja"),
    "yellow": ("#e3b62f", "yellow mustard golden gelb gelbe gelben gelber 黄 黄色 amarillo amarilla jaune"),
    "green": ("#4f8a4c", "green emerald olive grün grüne grünen 绿 绿色 verde vert verte"),
    "blue": ("#3a68b0", "blue azure navy indigo cobalt blau blaue blauen 蓝 蓝色 azul bleu bleue"),
    "teal": ("#2f8a8b", "teal turquoise cyan türkis 青"),
    "purple": ("#76499c", "purple violet lilac lavender lila violett 紫 紫色 morado violeta"),
    "pink": ("#dd7f9d", "pink rose magenta rosa 粉 粉红"),
    "white": ("#e9e6df", "white ivory cream weiß weiße weißen 白 白色 blanco blanca blanc blanche"),
    "black": ("#26262c", "black ebony schwarz schwarze schwarzen 黑 黑色 negro negra noir noire"),
    "grey": ("#83878d", "grey gray silver grau graue grauen 灰 gris"),
    "brown": ("#7a5136", "brown tan leather chestnut braun braune 棕 褐 marrón brun"),
}

GARMENTS = {
    "raincoat": "raincoat oilskin slicker regenmantel 雨衣",
    "coat": "coat jacket overcoat trench parka mantel jacke 外套 大衣 abrigo manteau",
    "dress": "dress gown skirt kleid rock 裙子 连衣裙 vestido robe",
    "cloak": "cloak cape robe robes hooded umhang 斗篷 capa",
    "suit": "suit tuxedo uniform anzug 西装 traje costume",
    "sweater": "sweater jumper pullover shirt hoodie apron tunic 毛衣 jersey pull",
}

ITEMS = {
    "umbrella": "umbrella parasol regenschirm schirm 雨伞 伞 paraguas parapluie",
    "lantern": "lantern lamp torch candle laterne 灯笼 灯 linterna lanterne",
    "staff": "staff stick cane spear stock 拐杖 bastón canne",
    "scarf": "scarf shawl schal 围巾 bufanda écharpe",
    "hat": "hat fedora hut 帽子 sombrero chapeau",
    "cap": "cap beanie beret mütze gorra bonnet",
    "hood": "hood hooded raincoat kapuze 兜帽 capucha capuche",
    "crown": "crown king queen krone 王冠 corona couronne",
    "backpack": "backpack rucksack bag satchel 背包 mochila",
    "beard": "beard bearded bart 胡子 barba barbe wizard",
    "longhair": "long_hair longhaired braids braid ponytail",
    "sword": "sword knight schwert 剑 espada épée",
}

HE = "man he father king prince captain sir grandfather boy mr mann vater könig 男人 他 hombre padre rey homme père roi"

SMALL = "small little tiny young puppy kitten klein kleine kleiner kleinen 小 pequeño pequeña petit petite"

LARGE = "big large huge giant enormous groß große großer 大 grande gigante grand"

STYLES = {
    "mono": "noir black_and_white monochrome greyscale grayscale schwarzweiß",
    "sepia": "sepia vintage",
    "pastel": "pastel watercolour watercolor aquarelle aquarell storybook",
    "vivid": "vivid neon cyberpunk anime vibrant saturated",
}

HAIRS = {
    "#d9b56a": "blond blonde fair golden yellow blonden rubia blondes 金",
    "#9c401e": "red ginger auburn copper rote roten rousse pelirroja",
    "#211d20": "black raven schwarze schwarzen negro noir 黑",
    "#5a3a24": "brown chestnut braune braunen castaño brun",
    "#a9a7a4": "grey gray silver graue grauen gris 灰",
    "#e6e3dd": "white weiße weißen blanco blanc 白",
}

HAIR = "hair haired beard bearded braid braids ponytail curls haar haare bart pelo cheveux 头发"

HOMES = {
    "windmill": "field",
    "ship": "sea",
    "sailboat": "sea",
    "train": "station",
    "castle": "mountains",
    "campfire": "forest",
    "tent": "forest",
    "rocket": "space",
    "church": "village",
    "house": "village",
    "car": "road",
    "bicycle": "road",
    "balloon": "sky",
    "palm": "desert",
    "iceberg": "snow",
    "aurora": "snow",
    "bench": "garden",
    "flowers": "field",
    "lamp": "city",
    "gulls": "coast",
}
