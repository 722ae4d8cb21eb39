"""Places and living things in other languages, as data: matched as they are written, without a noun phrase around them."""

from __future__ import annotations

from typing import Final

from offline_planner.vocabulary import words_of

# The same for other languages, by the word as it is written; these are matched as they stand, without a noun phrase.
FOREIGN_PLACES: Final = words_of(
    "Meer Ozean Küste Strand Hafen Leuchtturm Insel See Fluss Berg Berge Tal Wald Wiese Feld Garten Park Wüste Stadt "
    "Dorf Straße Gasse Marktplatz Markt Platz Brücke Bahnhof Schloss Burg Turm Küche Zimmer Schlafzimmer Haus Keller "
    "Dachboden Bibliothek Schule Kirche Werkstatt Kneipe Café Fabrik Höhle Weltraum Friedhof mer océan plage port "
    "phare île lac rivière montagne vallée forêt champ jardin désert ville village rue pont gare château tour cuisine "
    "chambre maison cave bibliothèque école église atelier grotte marché mar océano playa puerto faro isla lago río "
    "montaña valle bosque campo jardín desierto ciudad pueblo calle puente estación castillo torre cocina habitación "
    "casa biblioteca escuela iglesia taller cueva mercado plaza"
)
SCRIPT_PLACES: Final = words_of(
    "海边 海滩 大海 港口 码头 灯塔 小岛 湖边 河边 高山 山顶 山谷 山洞 森林 树林 竹林 草原 田野 花园 公园 沙漠 城市 "
    "村庄 小镇 街道 街上 小巷 市场 广场 桥上 车站 城堡 塔顶 宫殿 寺庙 厨房 房间 卧室 屋里 家里 图书馆 学校 教室 医院 "
    "工厂 太空 天空 墓地 船上 海面 海上 海 湖 河 山 城 桥 塔 港 庙 森 町 村 駅 台所 部屋 砂漠 川 浜辺 灯台 البحر "
    "الشاطئ الميناء المنارة الجزيرة البحيرة النهر الجبل الجبال الوادي الغابة الحقل الحديقة الصحراء المدينة القرية "
    "الشارع السوق الجسر المحطة القلعة البرج المطبخ الغرفة البيت المنزل المكتبة المدرسة المسجد المقهى الكهف الفضاء "
    "السماء море берег порт маяк остров озеро река гора лес поле сад пустыня город деревня улица мост вокзал замок "
    "башня кухня комната дом лесу городе улице кухне доме берегу маяке הים החוף הנמל המגדלור האי היער המדבר העיר הכפר "
    "הרחוב הגשר המטבח הבית השוק"
)

# Living things in other languages, matched as they stand: the word is the character's name.
FOREIGN_SHE: Final = words_of(
    "Frau Mädchen Mutter Großmutter Tochter Schwester Königin Hexe Wärterin Leuchtturmwärterin femme fille mère reine "
    "mujer niña madre reina"
)
FOREIGN_HE: Final = words_of(
    "Mann Junge Vater Großvater Sohn Bruder König Fischer Kapitän homme garçon père roi pêcheur hombre niño padre rey pescador"
)
FOREIGN_IT: Final = words_of("Hund Katze Pferd Vogel Drache Roboter Wolf chien chat cheval oiseau perro gato caballo")
SCRIPT_SHE: Final = words_of(
    "小女孩 女孩 少女 老妇人 老奶奶 奶奶 妈妈 女人 公主 女王 فتاة الفتاة امرأة المرأة العجوز девочка женщина старуха мама"
)
SCRIPT_HE: Final = words_of(
    "小男孩 男孩 少年 老人 老渔夫 渔夫 爷爷 爸爸 男人 船长 国王 守塔人 رجل الرجل صياد الصياد ولد الولد بحار البحار "
    "الحارس старик мальчик мужчина рыбак"
)
SCRIPT_IT: Final = words_of("小狗 小猫 老虎 狐狸 机器人 كلب الكلب قطة القطة собака кошка робот")
